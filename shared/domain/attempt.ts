// The way of an attempt: started, and ended in exactly one way.
import type { Fact } from "../../events/catalogue.ts";
import { cancelled, deadlinePassed, queuedPlace } from "./begin.ts";
import { next, andThen, type Decision } from "./decision.ts";
import type { Job, JobError } from "./job.ts";
import type { JsonText } from "./json.ts";
import { isWorthRetrying, retryDelayMs } from "./retry.ts";

export interface AttemptFailure extends JobError {
  /** The job itself asks for this wait, instead of its policy's. */
  readonly retryAfterMs?: number;
}

/**
 * How an attempt ended. `stopped`: by our own hand, for a cancel. `returned`: the executor had no room after all; it never
 * started, keeps its age and pays nothing, even if it was shown running.
 */
export type Outcome = { readonly exitCode?: number } & (
  | { readonly result: JsonText }
  | { readonly failure: AttemptFailure }
  | { readonly lost: string }
  | { readonly stopped: true }
  | { readonly returned: true }
);

/** Losses in `starting` are free once: see `lostInStarting`. */
export function started(job: Job, executor: string, startedAt: number, leaseUntil: number | null): Decision {
  return next(job, startedAt, { state: "running", startedAt, leaseUntil }, startedFact(job, executor));
}

const startedFact = (job: Job, executor: string): Fact => ({
  type: "job.started",
  data: { attemptId: job.attemptId ?? "", attempt: job.attempt, executor },
});

export interface Settling {
  readonly outcome: Outcome;
  /** When the attempt began to run; null = it never did. */
  readonly startedAt: number | null;
  readonly now: number;
  /** In [0, 1): for the jitter of a back-off. */
  readonly chance: number;
}

/** An attempt that was too short to be shown running gets its start and its end in one write. */
export function settled(job: Job, { outcome, startedAt, now, chance }: Settling): Decision {
  if ("returned" in outcome && job.cancelRequestedAt === null) return returned(job, now);
  const ran = job.state === "starting" && startedAt !== null && !("returned" in outcome);
  const end = (from: Job): Decision => ended(from, outcome, now, chance);
  return ran ? andThen(started(job, job.executor, startedAt, null), end) : end(job);
}

function ended(job: Job, outcome: Outcome, now: number, chance: number): Decision {
  // Whoever was done before the stop reached him is completed: executors call only what they stopped "stopped".
  if ("result" in outcome) return completed(job, outcome.exitCode, now);
  if (job.cancelRequestedAt !== null) return cancelled(job, { code: "cancelled_by_user", message: "Cancelled by a user." }, now);
  if ("failure" in outcome) return afterFailure(job, outcome.failure, outcome.exitCode, now, chance);
  return afterLoss(job, "lost" in outcome ? outcome.lost : "The attempt was stopped before it could end.", now);
}

function returned(job: Job, now: number): Decision {
  if (job.state === "starting") return next(job, now, { state: "queued", attemptId: null, attempt: job.attempt - 1, leaseUntil: null });
  const data = { attemptId: job.attemptId ?? "", attempt: job.attempt, reason: "Its executor had no room.", willRestart: true };
  return next(job, now, { ...queuedPlace(job, now), age: job.age }, { type: "attempt.lost", data }, { type: "job.queued", data: {} });
}

const exit = (exitCode: number | undefined) => (exitCode === undefined ? {} : { exitCode });

export function completed(job: Job, exitCode: number | undefined, now: number): Decision {
  return next(
    job,
    now,
    { state: "completed", finishedAt: now, error: null, leaseUntil: null },
    { type: "job.completed", data: { attempt: job.attempt, ...exit(exitCode) } },
  );
}

function afterFailure(job: Job, failure: AttemptFailure, exitCode: number | undefined, now: number, chance: number): Decision {
  const { retryAfterMs, ...error } = failure;
  const failures = job.failures + 1;
  const wait = retryAfterMs ?? retryDelayMs(job.retry, failures, chance);
  const tooLate = job.deadlineAt !== null && now + wait >= job.deadlineAt;
  const isOver = !error.retryable || failures >= job.retry.maxAttempts || !isWorthRetrying(job.retry, error.code) || tooLate;
  const fact: Fact = {
    type: "attempt.failed",
    data: { attemptId: job.attemptId ?? "", attempt: job.attempt, error, willRetry: !isOver, ...exit(exitCode) },
  };
  return andThen(next(job, now, { failures, error }, fact), (failed) =>
    isOver ? gaveUp(failed, error, now) : again(failed, wait, "retry", now),
  );
}

/** Losses are ours, not the job's: they have their own budget. */
function afterLoss(job: Job, reason: string, now: number): Decision {
  const isFree = job.state === "starting" && !job.lostInStarting;
  const losses = isFree ? job.losses : job.losses + 1;
  const isOver = losses > job.retry.maxLosses;
  const fact: Fact = {
    type: "attempt.lost",
    data: { attemptId: job.attemptId ?? "", attempt: job.attempt, reason, willRestart: !isOver },
  };
  const counted = next(job, now, { losses, lostInStarting: isFree || job.lostInStarting }, fact);
  const error: JobError = { code: "executor.lost", message: reason, retryable: true };
  return andThen(counted, (lost) => {
    if (lost.deadlineAt !== null && lost.deadlineAt <= now) return deadlinePassed(lost, now);
    return isOver ? gaveUp(lost, error, now) : again(lost, 0, "loss", now);
  });
}

function again(job: Job, waitMs: number, delayReason: "retry" | "loss", now: number): Decision {
  if (waitMs <= 0) return next(job, now, queuedPlace(job, now), { type: "job.queued", data: {} });
  const dueAt = now + waitMs;
  return next(
    job,
    now,
    { state: "delayed", attemptId: null, leaseUntil: null, dueAt, delayReason },
    { type: "job.delayed", data: { until: new Date(dueAt).toISOString(), why: delayReason } },
  );
}

export function gaveUp(job: Job, error: JobError, now: number): Decision {
  return next(
    job,
    now,
    { state: "failed", finishedAt: now, error, leaseUntil: null },
    { type: "job.failed", data: { attempt: job.attempt, error } },
  );
}
