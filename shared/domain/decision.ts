import type { Fact } from "../../events/catalogue.ts";
import type { Job } from "./job.ts";

/** A job as it is to be stored, and the facts that led there: one write. */
export interface Decision {
  readonly job: Job;
  readonly facts: readonly DatedFact[];
}

/** A fact with the time at which it came true: an attempt's start may be written with its end. */
export type DatedFact = Fact & { readonly at?: number };

/** A decision that the job's state does not allow. */
export interface Refused {
  readonly refused: string;
}

export const isRefused = (answer: object): answer is Refused => "refused" in answer;

/** The next version of a job. Every decision goes through here, so that none forgets the version. */
export function next(job: Job, now: number, changes: Partial<Job>, ...facts: Fact[]): Decision {
  return { job: { ...job, ...changes, version: job.version + 1, updatedAt: now }, facts: facts.map((fact) => ({ ...fact, at: now })) };
}

/** Two decisions made in one write. (A module that exports `then` would be taken for a promise by `import()`.) */
export function andThen(first: Decision, decide: (job: Job) => Decision): Decision {
  const second = decide(first.job);
  return { job: { ...second.job, version: first.job.version }, facts: [...first.facts, ...second.facts] };
}
