// The results of a run's steps, and of the run itself.
import type { Json, JsonObject } from "../json.ts";
import type { Definition } from "./definition.ts";
import type { PlannedJob } from "./plan.ts";

export interface Part {
  readonly index: number;
  readonly matrix: JsonObject | null;
  readonly result: Json | undefined;
}

/** In order of their index, without those that left no result. */
export const resultList = (parts: readonly Part[]): Json[] =>
  parts
    .filter((part): part is Part & { result: Json } => part.result !== undefined)
    .toSorted((a, b) => a.index - b.index)
    .map(({ matrix, result }) => ({ matrix, result }));

/** A job of the run and what it left. */
export interface StepJob {
  readonly step: string;
  /** null = the step is one job. */
  readonly index: number | null;
  readonly matrix: JsonObject | null;
  readonly result: Json | undefined;
}

/** By step: the result, or a list of {matrix, result} of a step of many jobs. Steps that left none are not there. */
export function stepResults(jobs: readonly StepJob[]): Record<string, Json> {
  const results = new Map<string, Json>();
  const lists = new Map<string, Part[]>();
  for (const { step, index, matrix, result } of jobs) {
    if (index === null) {
      if (result !== undefined) results.set(step, result);
      continue;
    }
    if (!lists.has(step)) lists.set(step, []);
    lists.get(step)!.push({ index, matrix, result });
  }
  for (const [step, parts] of lists) results.set(step, resultList(parts));
  return Object.fromEntries(results);
}

/** Indexes of the jobs whose results make the run's; none without `final`, or if it was not chosen. */
export const finalJobs = ({ final }: Definition, jobs: readonly Pick<PlannedJob, "step">[]): number[] =>
  jobs.flatMap(({ step }, index) => (step === final ? [index] : []));

/** The final step's result. undefined = it left none, or there is no such step. */
export function runResult({ final }: Definition, jobs: readonly StepJob[]): Json | undefined {
  return final === null ? undefined : stepResults(jobs.filter(({ step }) => step === final))[final];
}
