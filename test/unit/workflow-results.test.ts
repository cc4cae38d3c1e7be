import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../shared/domain/json.ts";
import { assembleInputs, type Input } from "../../shared/domain/workflow/inputs.ts";
import { runResult, stepResults } from "../../shared/domain/workflow/results.ts";
import { workflow } from "./workflow.given.ts";

const input = (label: string | null, result: Json | undefined, more: Partial<Input> = {}): Input => ({
  label, parent: "job_1", pass: "result", result, matrix: null, index: null, ...more,
}); // prettier-ignore
const part = (index: number, result: Json | undefined) => input("many[]", result, { index, matrix: { n: index } });

test("a job finds the results of its parents by step, or by job id where there is no step", () => {
  expect(assembleInputs([input("extract", { rows: 3 }), input(null, 7)])).toEqual({ steps: { extract: { rows: 3 }, job_1: 7 } });
});

test("results of many jobs are a list in order of their index, without those that left none", () => {
  expect(assembleInputs([part(2, "c"), part(0, null), part(1, undefined)]).steps.many).toEqual([
    { matrix: { n: 0 }, result: null },
    { matrix: { n: 2 }, result: "c" },
  ]);
});

test("a list of which nothing is left is empty; a single result that is not there is left out", () => {
  expect(assembleInputs([part(0, undefined), input("one", undefined)])).toEqual({ steps: { many: [] } });
});

test("an edge that passes artifacts or nothing leaves no result", () => {
  expect(assembleInputs([input("a", 1, { pass: "none" }), input("b[]", 1, { pass: "artifacts", index: 0 })])).toEqual({ steps: {} });
});

test("the order in which results come changes nothing", () => {
  const parts = Array.from({ length: 20 }, (_, index) => part(index, index));
  fc.assert(
    fc.property(fc.shuffledSubarray(parts, { minLength: 20 }), (shuffled) => {
      expect(assembleInputs(shuffled)).toEqual(assembleInputs(parts));
    }),
  );
});

test("the run's result is the final step's: a list if that is many jobs, none without a final step", () => {
  const jobs = [
    { step: "a", index: null, matrix: null, result: 1 },
    { step: "many", index: 1, matrix: { n: 1 }, result: "y" },
    { step: "many", index: 0, matrix: { n: 0 }, result: "x" },
    { step: "late", index: null, matrix: null, result: undefined },
  ];
  const result = (final?: string) => runResult(workflow({ a: {}, many: {}, late: {} }, final ? { final } : {}), jobs);
  expect(result("a")).toBe(1);
  expect(result("many")).toEqual([{ matrix: { n: 0 }, result: "x" }, { matrix: { n: 1 }, result: "y" }]); // prettier-ignore
  expect(result("late")).toBeUndefined();
  expect(result()).toBeUndefined();
  expect(Object.keys(stepResults(jobs))).toEqual(["a", "many"]);
});
