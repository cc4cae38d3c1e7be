import { expect, test } from "vitest";
import { definitionOf, storedDefinition, WorkflowInput } from "../../shared/domain/workflow/definition.ts";
import { workflow } from "./workflow.given.ts";

const isAccepted = (input: unknown) => WorkflowInput.safeParse(input).success;
const withStep = (step: object) => ({ steps: { one: { function: "f", ...step } } });

test("dependencies is another word for after, and an edge has defaults", () => {
  const edge = { step: "extract", on: "success", pass: "result", map: "all2one" };
  expect(workflow({ extract: {}, load: { after: ["extract"] } }).steps.get("load")!.after).toEqual([edge]);
  expect(workflow({ extract: {}, load: { dependencies: [{ step: "extract" }] } }).steps.get("load")!.after).toEqual([edge]);
  expect(isAccepted(withStep({ after: [], dependencies: [] }))).toBe(false);
});

test("a step's map is the default of its edges to steps of many jobs; an edge may say otherwise", () => {
  const many = { matrix: { n: [1, 2] } };
  const after = ["many", "plain", { step: "other", map: "all2one" }];
  const { steps } = workflow({ many, other: many, plain: {}, child: { ...many, map: "one2one", after } });
  expect(steps.get("child")!.after.map(({ map }) => map)).toEqual(["one2one", "all2one", "all2one"]);
});

test("a step's jobs are named as it says, or as the step", () => {
  const { steps } = workflow({ extract: { name: "Extract flights" }, load: {} });
  expect([...steps.values()].map(({ jobName }) => jobName)).toEqual(["Extract flights", "load"]);
});

test.each(["id", "autoStart", "deadline", "ttl", "delay", "runAt", "wait", "unheardOf"])("a step with %s is refused", (field) => {
  expect(isAccepted(withStep({ [field]: "x" }))).toBe(false);
});

test("a workflow has 1 to 1,000 steps with names of letters, digits, _ and -", () => {
  const steps = (size: number) => ({
    steps: Object.fromEntries(Array.from({ length: size }, (_, index) => [`s${index}`, { function: "f" }])),
  });
  expect([0, 1, 1000, 1001].map((size) => isAccepted(steps(size)))).toEqual([false, true, true, false]);
  expect(["a", "A_b-9", "9a", "a.b", "", "a".repeat(65)].map((name) => isAccepted({ steps: { [name]: { function: "f" } } }))).toEqual([
    true, true, false, false, false, false,
  ]); // prettier-ignore
});

test("a matrix has 1 to 10 axes of 1 to 1,000 values or a reference; a split has positive sizes or references", () => {
  const axes = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, index) => [`x${index}`, [1]]));
  expect([0, 1, 10, 11].map((size) => isAccepted(withStep({ matrix: axes(size) })))).toEqual([false, true, true, false]);
  expect(isAccepted(withStep({ matrix: { region: { $from: "params.regions" } } }))).toBe(true);
  expect(isAccepted(withStep({ matrix: { region: [] } }))).toBe(false);
  expect(isAccepted(withStep({ matrix: { region: "eu" } }))).toBe(false);
  expect(isAccepted(withStep({ split: { total: 10, perJob: { $from: "params.size", default: 2 } } }))).toBe(true);
  expect(isAccepted(withStep({ split: { total: 10, perJob: 0 } }))).toBe(false);
  expect(isAccepted(withStep({ split: { total: 1.5, perJob: 1 } }))).toBe(false);
});

test("the name may come from elsewhere, and concurrency is 1 to 10,000", () => {
  expect(definitionOf({ steps: {} }).name).toBeNull();
  expect([0, 1, 10_000, 10_001].map((concurrency) => isAccepted({ ...withStep({}), concurrency }))).toEqual([false, true, true, false]);
});

test("steps may be called constructor or toString", () => {
  const { steps } = workflow({ constructor: {}, toString: { after: ["constructor"] } });
  expect([...steps.keys()]).toEqual(["constructor", "toString"]);
});

test("a stored definition is read as it was accepted, without what never was a step", () => {
  const text = '{"steps": {"__proto__": {"wait": 1}, "load": {"function": "f"}}, "final": "load"}';
  const { steps, final } = storedDefinition(text);
  expect([...steps.keys(), final]).toEqual(["load", "load"]);
});
