// Definitions for tests: written as users write them, read as the API reads them.
import fc from "fast-check";
import { checkWorkflow } from "../../shared/domain/workflow/check.ts";
import { type Definition, definitionOf, WorkflowInput } from "../../shared/domain/workflow/definition.ts";
import { planRun, type PlannedJob } from "../../shared/domain/workflow/plan.ts";
import type { Json } from "../../shared/domain/json.ts";

export interface AnyStep {
  readonly [field: string]: unknown;
}
type Steps = Record<string, AnyStep>;

/** Steps without work get a function. */
export function workflow(steps: Steps, more: AnyStep = {}): Definition {
  const withWork = Object.entries(steps).map(([name, step]) => [
    name,
    step.script || step.container ? step : { function: "work", ...step },
  ]);
  return definitionOf(WorkflowInput.parse({ steps: Object.fromEntries(withWork), ...more }));
}

export const faultsOf = (steps: Steps, more: AnyStep = {}): Record<string, string> =>
  Object.fromEntries(checkWorkflow(workflow(steps, more)).map(({ path, message }) => [path, message]));

export function plan(definition: Definition, ask: { params?: Json; only?: string[]; from?: string[] } = {}): readonly PlannedJob[] {
  const planned = planRun(definition, { params: {}, ...ask });
  if (!planned.ok) throw new Error(planned.faults.map(({ path, message }) => `${path} ${message}`).join("\n"));
  return planned.jobs;
}

export function planFaults(definition: Definition, ask: { params?: Json; only?: string[]; from?: string[] } = {}): Record<string, string> {
  const planned = planRun(definition, { params: {}, ...ask });
  return planned.ok ? {} : Object.fromEntries(planned.faults.map(({ path, message }) => [path, message]));
}

/** At most 11 steps: a cycle of them is named in full. */
export const graphOfSteps = (mayWaitFor: "earlier" | "any"): fc.Arbitrary<{ name: string; after: string[] }[]> =>
  fc.integer({ min: 1, max: 11 }).chain((size) => {
    const names = Array.from({ length: size }, (_, index) => `s${index}`);
    const parents = names.map((name, index) => {
      const candidates = mayWaitFor === "earlier" ? names.slice(0, index) : names.filter((other) => other !== name);
      return fc.subarray(candidates, { maxLength: Math.min(4, candidates.length) });
    });
    return fc.tuple(...parents).map((lists) => names.map((name, index) => ({ name, after: lists[index]! })));
  });
