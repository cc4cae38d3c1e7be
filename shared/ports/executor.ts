// What carries out attempts. Implementations know neither the store nor what follows from an outcome.
import type { Outcome } from "../domain/attempt.ts";
import type { Job } from "../domain/job.ts";
import type { JsonText } from "../domain/json.ts";
import type { ProgressNews } from "../domain/progress.ts";
import type { JobSpec } from "../domain/spec.ts";
import type { ErrorCode } from "../domain/errors.ts";

/** Everything an executor needs to carry out one attempt. */
export interface Task {
  readonly attemptId: string;
  readonly job: Job;
  readonly spec: JobSpec;
  /** References are resolved already. */
  readonly params: JsonText;
  /** Results of its dependencies by step or job id, as a JSON object. */
  readonly inputs: JsonText;
  /** The job's env with its secrets' values; never stored. */
  readonly env: Readonly<Record<string, string>>;
  /** Values to be masked in whatever the attempt says. */
  readonly secrets: readonly string[];
}

export interface Report {
  /** It runs; called at most once, never after `ended`. */
  started(): void;
  progress(news: ProgressNews): void;
  /** Exactly once, when nothing of the attempt is left. */
  ended(outcome: Outcome): void;
}

/** Why a job cannot be carried out here: an answer at submit, 422. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: string;
}

/** What submitting needs to know of whatever carries out attempts, also where that is not in this process. */
export interface ExecutorKind {
  readonly name: string;
  readonly types: readonly Job["type"][];
  accepts(spec: JobSpec): Promise<Refusal | null> | Refusal | null;
  /** The spec with the limits that hold here whatever was asked for: they are stored and shown. */
  withLimits?(spec: JobSpec): JobSpec;
}

/** Carries out attempts in this process, or in others that it looks after. */
export interface Executor extends ExecutorKind {
  /** How many turns it wants now: what it can run, and what it keeps at hand so as never to wait for the disk. */
  readonly capacity: number;
  start(task: Task, report: Report): void;
  /** SIGTERM or its like, and after the grace the end. `ended` follows. Does nothing for an attempt it does not know. */
  stop(attemptId: string, how: { readonly graceMs: number }): void;
  /**
   * After a restart: goes on with an attempt that outlived the server, reporting as `start` does.
   * False = gone without an answer. `startedAt` is when it really began.
   */
  adopt(task: Task, report: Report): Promise<{ readonly startedAt: number } | false>;
  close(): Promise<void>;
}
