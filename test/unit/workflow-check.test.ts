import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkWorkflow } from "../../shared/domain/workflow/check.ts";
import { type AnyStep, faultsOf, graphOfSteps, workflow } from "./workflow.given.ts";

const two = { matrix: { region: ["eu", "us"] } };

test("a sound workflow has no faults", () => {
  const steps = {
    extract: { params: { day: { $from: "params.day" } } },
    clean: { after: ["extract"], ...two, params: { rows: { $from: "steps.extract.result.rows" }, region: { $from: "matrix.region" } } },
    check: { after: ["clean"], map: "one2one", ...two },
    load: {
      after: [{ step: "check", on: "always" }],
      params: { raw: { $from: "steps.extract.result" }, cleaned: { $from: "steps.clean.result" } },
    },
    alarm: { params: { text: { $text: "day {params.day} failed" } } },
  };
  expect(faultsOf(steps, { final: "load", onFailure: "alarm", concurrency: 3 })).toEqual({});
});

describe("edges", () => {
  test("an unknown step is refused with the nearest name, wherever it stands", () => {
    expect(faultsOf({ extract: {}, load: { after: ["extrac"] } }, { final: "laod", onFailure: "alarm" })).toEqual({
      "steps.load.after.0": "names a step that is not there: extrac. Did you mean extract?",
      final: "names a step that is not there: laod. Did you mean load?",
      onFailure: "names a step that is not there: alarm.",
    });
  });

  test("a step does not wait for itself, nor twice for another", () => {
    expect(faultsOf({ a: { after: ["a"] } })).toEqual({ "steps.a.after.0": "is the step itself" });
    expect(faultsOf({ a: {}, b: { after: ["a", { step: "a", on: "failure" }] } })).toEqual({ "steps.b.after.1": "names a twice" });
  });

  test("a cycle is named", () => {
    const faults = Object.values(faultsOf({ a: { after: ["c"] }, b: { after: ["a"] }, c: { after: ["b"] }, d: { after: ["a"] } }));
    expect(faults).toEqual([expect.stringMatching(/^closes a cycle: (a → b → c → a|b → c → a → b|c → a → b → c)$/)]);
  });

  test("one2one is for two steps of as many jobs", () => {
    const child = (matrix: AnyStep, parent: AnyStep) =>
      Object.values(faultsOf({ parent, child: { ...matrix, after: [{ step: "parent", map: "one2one" }] } }));
    expect(child(two, two)).toEqual([]);
    expect(child({ split: { total: 5, perJob: 3 } }, two)).toEqual([]);
    expect(child({}, two)).toEqual(["is one2one, but child has neither matrix nor split"]);
    expect(child(two, {})).toEqual(["is one2one, but parent has neither matrix nor split"]);
    expect(child(two, { matrix: { n: [1, 2, 3] } })).toEqual(["is one2one, but pairs 2 jobs with 3"]);
    const grid = (first: string, a: number[], second: string, b: number[]) => ({ matrix: { [first]: a, [second]: b } });
    expect(child(grid("a", [1, 2], "b", [1, 2, 3]), grid("a", [1, 2, 3], "b", [1, 2]))).toEqual([
      "is one2one, but pairs a matrix of 2 × 3 with one of 3 × 2",
    ]);
    expect(child(grid("a", [1, 2], "b", [1, 2]), grid("b", [1, 2], "a", [1, 2]))[0]).toContain("give both the same order");
    expect(child(two, { matrix: { region: { $from: "params.regions" } } })).toEqual([]);
  });
});

test("a cycle is always refused and the one that is named is there; without one there is no such fault", () => {
  fc.assert(
    fc.property(graphOfSteps("any"), (steps) => {
      const after = new Map(steps.map((step) => [step.name, step.after]));
      const faults = checkWorkflow(workflow(Object.fromEntries(steps.map((step) => [step.name, { after: step.after }]))));
      const message = faults.find((fault) => fault.message.startsWith("closes a cycle"))?.message;
      expect(message !== undefined).toBe(!canBeOrdered(after));
      const named = message?.replace("closes a cycle: ", "").split(" → ") ?? [];
      expect(named[0]).toBe(named.at(-1));
      for (const [index, child] of named.slice(1).entries()) expect(after.get(child)).toContain(named[index]);
    }),
  );
});

/** By taking away what waits for nothing, until nothing is left. */
function canBeOrdered(after: ReadonlyMap<string, readonly string[]>): boolean {
  const left = new Set(after.keys());
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const name of left) if (!after.get(name)!.some((parent) => left.has(parent))) left.delete(name);
  }
  return left.size === 0;
}

test("graphs without a cycle have no faults at all", () => {
  fc.assert(
    fc.property(graphOfSteps("earlier"), (steps) => {
      expect(faultsOf(Object.fromEntries(steps.toReversed().map(({ name, after }) => [name, { after }])))).toEqual({});
    }),
  );
});

describe("onFailure", () => {
  test("waits for nothing, is waited for by nothing, is not final, and is one job", () => {
    const steps = { a: {}, alarm: { after: ["a"], ...two }, b: { after: ["a", "alarm"] } };
    expect(Object.keys(faultsOf(steps, { onFailure: "alarm", final: "alarm" }))).toEqual([
      "final", "steps.alarm.after", "steps.alarm.matrix", "steps.b.after.1",
    ]); // prettier-ignore
  });

  test("is not all there is", () => {
    expect(Object.keys(faultsOf({ alarm: {} }, { onFailure: "alarm" }))).toEqual(["onFailure"]);
  });

  test("has no results of others to refer to", () => {
    const faults = faultsOf({ a: {}, alarm: { params: { $from: "steps.a.result" } } }, { onFailure: "alarm" });
    expect(faults["steps.alarm.params"]).toContain("alarm runs only when the run fails");
  });
});

describe("the work of a step", () => {
  test("is checked as a job's is", () => {
    expect(faultsOf({ a: { script: { inline: "x" }, container: { image: "y" } } })).toEqual({
      "steps.a.container": "cannot stand beside script",
    });
    expect(checkWorkflow(workflow({ a: { function: undefined } }))).toEqual([
      { path: "steps.a.type", message: "needs one of function, script and container" },
    ]);
  });

  test("is spread by a matrix or a split, not both", () => {
    expect(faultsOf({ a: { ...two, split: { total: 2, perJob: 1 } } })).toEqual({ "steps.a.split": "cannot stand beside matrix" });
  });

  test("has no concurrency of its own in a workflow that has one", () => {
    const steps = { a: { concurrency: { key: "db" } } };
    expect(faultsOf(steps)).toEqual({});
    expect(Object.keys(faultsOf(steps, { concurrency: 2 }))).toEqual(["steps.a.concurrency"]);
  });

  test("makes at most 10,000 jobs and 1,000,000 dependencies in all", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index);
    const tenThousand = { matrix: { a: hundred, b: hundred } };
    expect(faultsOf({ a: tenThousand })).toEqual({});
    expect(faultsOf({ a: tenThousand, b: {} }).steps).toContain("make 10,001 jobs (a alone 10,000)");
    const thousand = { split: { total: 1000, perJob: 1 } };
    expect(faultsOf({ a: thousand, b: { ...thousand, after: ["a"] } })).toEqual({});
    expect(faultsOf({ a: thousand, b: { ...thousand, after: ["a"] }, c: { after: ["b"] } }).steps).toContain("1,001,000 dependencies");
    expect(faultsOf({ a: { split: { total: Number.MAX_SAFE_INTEGER, perJob: 1 } } }).steps).toContain("a run has at most 10,000");
  });
});

describe("references that cannot be there", () => {
  const problemOf = (params: unknown, step: AnyStep = {}, more: AnyStep = {}) =>
    Object.values(faultsOf({ extract: {}, other: {}, load: { after: ["extract"], params, ...step } }, more)).join("; ");

  test("their place is named", () => {
    const params = { a: [1, { b: { $from: "steps.nowhere.result" } }] };
    expect(Object.keys(faultsOf({ load: { params } }))).toEqual(["steps.load.params.a.1.b"]);
    expect(Object.keys(faultsOf({ load: { payload: params } }))).toEqual(["steps.load.payload.a.1.b"]);
  });

  test("results: only of steps further up, and only if the edge passes them", () => {
    expect(problemOf({ $from: "steps.extract.result" })).toBe("");
    expect(problemOf({ $from: "steps.extrat.result", default: 1 })).toBe(
      "steps.extrat.result is of a step that is not there. Did you mean extract?",
    );
    expect(problemOf({ $text: "{steps.load.result}" })).toBe("steps.load.result is the step's own result");
    expect(problemOf({ $from: "steps.other.result" })).toContain("load does not come after other; add it to after");
    expect(problemOf({ $from: "steps.extract.result" }, { after: [{ step: "extract", pass: "none" }] })).toContain("passes none");
    expect(problemOf({ $from: "steps.extract.result" }, { after: [{ step: "extract", on: "failure" }] })).toContain(
      "only when extract fails",
    );
    expect(problemOf({ $from: "steps.constructor.result" })).toContain("not there");
  });

  test("params: those that the schema declares, unless it allows others", () => {
    const closed = { params: { type: "object", properties: { region: {} }, additionalProperties: false } };
    expect(problemOf({ $from: "params.region.x" }, {}, closed)).toBe("");
    expect(problemOf({ $from: "params" }, {}, closed)).toBe("");
    expect(problemOf({ $from: "params.regoin" }, {}, closed)).toBe(
      "params.regoin is not among the workflow's params. Did you mean region?",
    );
    expect(problemOf({ $from: "params.constructor" }, {}, closed)).toContain("not among");
    expect(problemOf({ $from: "params.regoin" }, {}, { params: { properties: { region: {} } } })).toBe("");
    expect(problemOf({ $from: "params.regoin" }, {}, { params: { type: "object" } })).toBe("");
    expect(problemOf({ $from: "params.regoin" })).toBe("");
  });

  test("matrix: the step's own axes, and of a split index, from and to", () => {
    expect(problemOf({ $from: "matrix.region" })).toContain("load has neither matrix nor split");
    expect(problemOf({ $from: "matrix.regoin" }, two)).toBe("matrix.regoin is not an axis of load: it has region. Did you mean region?");
    expect(problemOf({ $from: "matrix.index" }, two)).toContain("not an axis");
    expect(
      problemOf([{ $from: "matrix.index" }, { $from: "matrix.from" }, { $text: "{matrix.to}" }], { split: { total: 2, perJob: 1 } }),
    ).toBe("");
  });

  test("a matrix or split takes from params only; over a step's result it is not available yet, and that is said", () => {
    const faults = faultsOf({
      a: {},
      b: { after: ["a"], matrix: { x: { $from: "steps.a.result" }, y: [{ $from: "matrix.x" }] } },
      c: { split: { total: { $from: "params.total" }, perJob: { $from: "steps.a.result.n" } } },
    });
    expect(Object.keys(faults)).toEqual(["steps.b.matrix.x", "steps.b.matrix.y.0", "steps.c.split.perJob"]);
    expect(faults["steps.b.matrix.x"]).toContain("over a step's result is not available yet");
  });

  test("what cannot be read is shown", () => {
    expect(problemOf({ $from: "stesp.extract" })).toBe("stesp.extract must begin with steps, params or matrix");
  });
});

test("a chain and a dense graph of 1,000 steps are checked in good time", () => {
  const names = Array.from({ length: 1000 }, (_, index) => `s${index}`);
  const chain = names.map((name, index): [string, AnyStep] => [
    name,
    index === 0 ? {} : { after: [`s${index - 1}`], params: { $from: "steps.s0.result" } },
  ]);
  expect(faultsOf(Object.fromEntries(chain.toReversed()))).toEqual({});
  const dense = workflow(Object.fromEntries(names.map((name, index) => [name, { after: names.slice(0, index) }])));
  expect(checkWorkflow(dense)).toEqual([]);
});

test("there are at most 50 faults", () => {
  expect(Object.keys(faultsOf({ a: { after: Array.from({ length: 1000 }, (_, index) => `x${index}`) } }))).toHaveLength(50);
});
