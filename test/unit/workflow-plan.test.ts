import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PlannedJob } from "../../shared/domain/workflow/plan.ts";
import { checkWorkflow } from "../../shared/domain/workflow/check.ts";
import { finalJobs } from "../../shared/domain/workflow/results.ts";
import { graphOfSteps, plan, planFaults, workflow } from "./workflow.given.ts";

const two = { matrix: { region: ["eu", "us"] } };
const jobsOf = (jobs: readonly PlannedJob[], step: string) => jobs.filter((job) => job.step === step);
/** `child ← label:parent's name` */
const edges = (jobs: readonly PlannedJob[]) =>
  jobs.flatMap((job) => job.dependencies.map(({ label, job: parent }) => `${job.name} ← ${label}:${jobs[parent]!.name}`));

test("every step is a job with its work, references left in place, parents before their children", () => {
  const jobs = plan(
    workflow({ load: { after: ["extract"], params: { $from: "steps.extract.result" } }, extract: { name: "Extract", timeout: "5m" } }),
  );
  expect(jobs).toEqual([
    { step: "extract", index: null, matrix: null, name: "Extract", work: { function: "work", timeout: "5m" }, dependencies: [], onFailure: false },
    {
      step: "load", index: null, matrix: null, name: "load", work: { function: "work", params: { $from: "steps.extract.result" } },
      dependencies: [{ job: 0, on: "success", pass: "result", label: "extract" }], onFailure: false,
    },
  ]); // prettier-ignore
});

describe("a matrix", () => {
  test("makes a job of every combination, the last axis varying fastest", () => {
    const jobs = plan(workflow({ a: { matrix: { region: ["eu", "us"], year: [2025, 2026] } } }));
    expect(jobs.map(({ name, index, matrix }) => [name, index, matrix])).toEqual([
      ["a[0]", 0, { region: "eu", year: 2025 }],
      ["a[1]", 1, { region: "eu", year: 2026 }],
      ["a[2]", 2, { region: "us", year: 2025 }],
      ["a[3]", 3, { region: "us", year: 2026 }],
    ]);
  });

  test("takes lists, and values in lists, from params", () => {
    const definition = workflow({
      a: { matrix: { region: { $from: "params.regions", default: ["eu"] }, year: [2025, { $from: "params.year" }] } },
    });
    expect(plan(definition, { params: { regions: ["ap"], year: 2030 } }).map(({ matrix }) => matrix)).toEqual([
      { region: "ap", year: 2025 },
      { region: "ap", year: 2030 },
    ]);
    expect(plan(definition, { params: { year: 1 } })).toHaveLength(2);
  });

  test("refuses params that are not there or no list of 1 to 1,000", () => {
    const definition = workflow({ a: { matrix: { x: { $from: "params.x" } } } });
    const message = (x?: unknown) => planFaults(definition, { params: (x === undefined ? {} : { x }) as never })["steps.a.matrix.x"];
    expect(message()).toBe("needs params.x, which the run was not given");
    expect(message([])).toContain("a list of 0");
    expect(message("eu")).toContain('but is "eu"');
    expect(message(Array.from({ length: 1001 }, () => 0))).toContain("a list of 1001");
  });
});

describe("a split", () => {
  test("makes a job of every part; the last may be smaller", () => {
    const matrices = (total: number, perJob: number) => plan(workflow({ a: { split: { total, perJob } } })).map(({ matrix }) => matrix);
    expect(matrices(10, 4)).toEqual([{ index: 0, from: 0, to: 4 }, { index: 1, from: 4, to: 8 }, { index: 2, from: 8, to: 10 }]); // prettier-ignore
    expect(matrices(3, 5)).toEqual([{ index: 0, from: 0, to: 3 }]);
  });

  test("takes its sizes from params, which must be positive integers", () => {
    const definition = workflow({ a: { split: { total: { $from: "params.total" }, perJob: { $from: "params.size", default: 2 } } } });
    expect(plan(definition, { params: { total: 5 } })).toHaveLength(3);
    expect(planFaults(definition, { params: { total: 0 } })["steps.a.split.total"]).toBe("must be an integer from 1 on, but is 0");
    expect(planFaults(definition, { params: { size: "2" } })).toEqual({
      "steps.a.split.total": "needs params.total, which the run was not given",
      "steps.a.split.perJob": 'must be an integer from 1 on, but is "2"',
    });
  });

  test("covers 0 to total once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 100 }), (total, perJob) => {
        const parts = plan(workflow({ a: { split: { total, perJob } } })).map(({ matrix }) => matrix as { from: number; to: number });
        expect(parts.at(-1)!.to).toBe(total);
        for (const [index, { from, to }] of parts.entries()) {
          expect(to - from).toBeGreaterThan(0);
          expect(to - from).toBeLessThanOrEqual(perJob);
          expect(from).toBe(index === 0 ? 0 : parts[index - 1]!.to);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe("edges", () => {
  test("one job is waited for by all; all jobs of a matrix are a list for each that waits", () => {
    const jobs = plan(workflow({ first: {}, many: { ...two, after: ["first"] }, last: { after: ["many"] } }));
    expect(edges(jobs)).toEqual(["many[0] ← first:first", "many[1] ← first:first", "last ← many[]:many[0]", "last ← many[]:many[1]"]);
  });

  test("one2one pairs the jobs by index, all2one does not", () => {
    const child = (map: string) => edges(plan(workflow({ a: two, b: { split: { total: 2, perJob: 1 }, after: [{ step: "a", map }] } })));
    expect(child("one2one")).toEqual(["b[0] ← a:a[0]", "b[1] ← a:a[1]"]);
    expect(child("all2one")).toHaveLength(4);
  });

  test("a matrix of one combination is a list of one", () => {
    expect(edges(plan(workflow({ a: { matrix: { x: [1] } }, b: { after: ["a"] } })))).toEqual(["b ← a[]:a[0]"]);
  });

  test("a result from further up is passed by an edge of its own, which holds nothing back", () => {
    const jobs = plan(
      workflow({ a: two, b: { after: ["a"] }, c: { after: ["b"], params: { $text: "{steps.a.result} {steps.b.result}" } } }),
    );
    expect(jobs.at(-1)!.dependencies).toEqual([
      { job: 2, on: "success", pass: "result", label: "b" },
      { job: 0, on: "always", pass: "result", label: "a[]" },
      { job: 1, on: "always", pass: "result", label: "a[]" },
    ]);
  });

  test("one2one between sizes that only the params tell is refused if they differ", () => {
    const from = (name: string) => ({ matrix: { x: { $from: `params.${name}` } } });
    const definition = workflow({ a: from("a"), b: { ...from("b"), after: [{ step: "a", map: "one2one" }] } });
    expect(plan(definition, { params: { a: [1, 2], b: [3, 4] } })).toHaveLength(4);
    expect(planFaults(definition, { params: { a: [1], b: [3, 4] } })).toEqual({ "steps.b.after.0": "is one2one, but pairs 2 jobs with 1" });
  });

  test("10,000 jobs into one is possible, more jobs or 1,000,000 edges are not", () => {
    const many = { split: { total: { $from: "params.n" }, perJob: 1 } };
    const definition = workflow({ many, last: { after: ["many"] } });
    expect(plan(definition, { params: { n: 9999 } }).at(-1)!.dependencies).toHaveLength(9999);
    expect(planFaults(definition, { params: { n: 10_000 } }).steps).toContain("make 10,001 jobs");
    expect(planFaults(definition, { params: { n: 1e15 } }).steps).toContain("a run has at most 10,000");
    const wide = workflow({ a: many, b: { ...many, after: ["a"] } });
    expect(plan(wide, { params: { n: 1000 } })).toHaveLength(2000);
    expect(planFaults(wide, { params: { n: 1001 } }).steps).toContain("1,002,001 dependencies");
  });
});

describe("part of a workflow", () => {
  const needs = (step: string, more: object = {}) => ({ $from: `steps.${step}.result`, ...more });
  const diamond = workflow(
    {
      a: {},
      b: { after: ["a"] },
      c: { after: ["a"], params: needs("a", { default: 1 }) },
      d: { after: ["b", "c"], params: needs("b") },
      alarm: {},
    },
    { final: "d", onFailure: "alarm" },
  );
  const chosen = (ask: { only?: string[]; from?: string[] }) => plan(diamond, ask).map(({ step }) => step);

  test("only is exactly these steps, without the edges to others", () => {
    expect(edges(plan(diamond, { only: ["a", "c"] }))).toEqual(["c ← a:a"]);
    expect(edges(plan(diamond, { only: ["c"] }))).toEqual([]);
    expect(chosen({ only: ["c", "a"] })).toEqual(["a", "c"]);
  });

  test("from is these and everything downstream", () => {
    expect(chosen({ from: ["a"] })).toEqual(["a", "b", "c", "d"]);
    expect(chosen({ from: ["b"] })).toEqual(["b", "d"]);
    expect(edges(plan(diamond, { from: ["b"] }))).toEqual(["d ← b:b"]);
  });

  test("what needs the result of a step left out is refused, unless it has a default", () => {
    expect(planFaults(diamond, { only: ["c", "d"] })).toEqual({
      only: "leaves out b, but d needs steps.b.result: choose b too, or give the reference a default",
    });
  });

  test("an edge over a step left out stays if a result goes along it", () => {
    const chain = workflow({ a: {}, b: { after: ["a"] }, c: { after: ["b"], params: needs("a") } });
    expect(edges(plan(chain, { only: ["a", "c"] }))).toEqual(["c ← a:a"]);
  });

  test("unknown steps, none, and both ways at once are refused", () => {
    expect(planFaults(diamond, { only: ["a", "alram"] })).toEqual({
      "only.1": "names a step that is not there: alram. Did you mean alarm?",
    });
    expect(Object.keys(planFaults(diamond, { from: ["x"] }))).toEqual(["from.0"]);
    expect(Object.keys(planFaults(diamond, { only: [] }))).toEqual(["only"]);
    expect(Object.keys(planFaults(diamond, { only: ["a"], from: ["a"] }))).toEqual(["from"]);
    expect(planFaults(diamond, { only: ["alarm"] }).only).toContain("leaves only alarm");
  });

  test("only the steps chosen need the params of their matrix", () => {
    const definition = workflow({ a: {}, b: { matrix: { x: { $from: "params.x" } }, after: ["a"] } });
    expect(plan(definition, { only: ["a"] })).toHaveLength(1);
  });

  test("the job for a failure is marked, and the final jobs are found, if they were chosen", () => {
    expect(plan(diamond).filter((job) => job.onFailure).map(({ step }) => step)).toEqual(["alarm"]); // prettier-ignore
    expect(finalJobs(diamond, plan(diamond))).toEqual([3]);
    expect(finalJobs(diamond, plan(diamond, { only: ["a"] }))).toEqual([]);
  });
});

describe("for any graph", () => {
  const shaped = fc.tuple(
    graphOfSteps("earlier"),
    fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 12 }),
    fc.boolean(),
  );

  test("edges lead to jobs earlier in the list, of the step that their label names", () => {
    fc.assert(
      fc.property(shaped, ([graph, sizes, isShuffled]) => {
        const steps = graph.map(({ name, after }, index) => {
          const size = sizes[index]!;
          return [name, { after, ...(size > 0 && { matrix: { x: Array.from({ length: size }, (_, value) => value) } }) }] as const;
        });
        const definition = workflow(Object.fromEntries(isShuffled ? steps.toReversed() : steps));
        expect(checkWorkflow(definition)).toEqual([]);
        const jobs = plan(definition);
        expect(jobs).toHaveLength(graph.reduce((sum, _, index) => sum + Math.max(1, sizes[index]!), 0));
        for (const [place, job] of jobs.entries()) {
          const parents = graph.find(({ name }) => name === job.step)!.after;
          const expected = parents.flatMap((parent) => jobsOf(jobs, parent));
          expect(job.dependencies).toHaveLength(expected.length);
          for (const dependency of job.dependencies) {
            expect(dependency.job).toBeLessThan(place);
            const parent = jobs[dependency.job]!;
            expect(dependency.label).toBe(parent.index === null ? parent.step : `${parent.step}[]`);
          }
        }
      }),
    );
  });

  test("a matrix has as many different jobs as the product of its axes", () => {
    const axes = fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4, selector: () => Symbol("all") });
    fc.assert(
      fc.property(axes, (sizes) => {
        const matrix = Object.fromEntries(sizes.map((size, axis) => [`x${axis}`, Array.from({ length: size }, (_, value) => value)]));
        const jobs = plan(workflow({ a: { matrix } }));
        expect(jobs).toHaveLength(sizes.reduce((product, size) => product * size, 1));
        expect(new Set(jobs.map((job) => JSON.stringify(job.matrix))).size).toBe(jobs.length);
        expect(jobs.map(({ index }) => index)).toEqual(jobs.map((_, index) => index));
      }),
    );
  });

  test("one2one gives every job the one of the same index, and no other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), (size) => {
        const split = { total: size, perJob: 1 };
        const jobs = plan(workflow({ a: { split }, b: { split, map: "one2one", after: ["a"] } }));
        expect(jobsOf(jobs, "b").map(({ dependencies }) => dependencies.map(({ job }) => jobs[job]!))).toEqual(
          jobsOf(jobs, "a").map((job) => [job]),
        );
      }),
    );
  });
});

test("a chain of 1,000 steps is planned", () => {
  const steps = Array.from({ length: 1000 }, (_, index) => [`s${index}`, index === 0 ? {} : { after: [`s${index - 1}`] }]);
  const jobs = plan(workflow(Object.fromEntries(steps.toReversed())));
  expect(jobs.map(({ step }) => step)).toEqual(steps.map(([name]) => name));
  expect(plan(workflow(Object.fromEntries(steps)), { from: ["s1"] })).toHaveLength(999);
});

test("names of jobs stay within what a name may have", () => {
  const jobs = plan(workflow({ a: { name: "x".repeat(256), ...two } }));
  expect(jobs.map(({ name }) => [name.length, name.slice(-4)])).toEqual([[256, "x[0]"], [256, "x[1]"]]); // prettier-ignore
});
