// What users do to a job by hand.
import type { Fact } from "../../events/catalogue.ts";
import { completed, gaveUp } from "./attempt.ts";
import { cancelled, queuedPlace } from "./begin.ts";
import { next, andThen, type Decision, type Refused } from "./decision.ts";
import { holdsTurn, isFinished, isWaiting, type Job, type JobError } from "./job.ts";

const refuse = (job: Job, what: string): Refused => ({ refused: `it is ${job.state}, and ${what}` });

/** At once while it waits; a job that has its turn is cancelled when its executor says that nothing is left. */
export function cancelRequested(job: Job, now: number): Decision | Refused | null {
  if (job.state === "cancelled" || job.cancelRequestedAt !== null) return null;
  if (isFinished(job)) return refuse(job, "what has ended cannot be cancelled");
  if (holdsTurn(job)) return next(job, now, { cancelRequestedAt: now }, { type: "job.cancel_requested", data: {} });
  return cancelledByUser(job, now);
}

export const cancelledByUser = (job: Job, now: number): Decision =>
  cancelled(job, { code: "cancelled_by_user", message: "Cancelled by a user." }, now);

export function paused(job: Job, now: number): Decision | Refused | null {
  if (job.state === "paused") return null;
  if (!isWaiting(job)) return refuse(job, "only a job that waits can be paused");
  return next(job, now, { state: "paused", pausedFrom: job.state }, { type: "job.paused", data: { from: job.state } });
}

/** Back to where it was; `openEdges` because its dependencies may have ended meanwhile. */
export function resumed(job: Job, now: number): Decision | Refused {
  if (job.state !== "paused") return refuse(job, "only a paused job can be resumed");
  const to = job.pausedFrom ?? "queued";
  const place = to === "queued" ? { ...queuedPlace(job, now), age: job.age } : { state: to };
  return next(job, now, { ...place, pausedFrom: null }, { type: "job.resumed", data: { to } });
}

/** Another life under the same id, with a fresh budget. */
export function retriedByHand(job: Job, now: number): Decision | Refused {
  if (job.state !== "failed" && job.state !== "cancelled") return refuse(job, "only a failed or cancelled job can be retried");
  const retried: Fact = { type: "job.retried", data: {} };
  // It never came to run: whether its dependencies are met is looked at again.
  const isBlocked = job.hasDependencies && job.attempt === 0;
  const place = isBlocked ? ({ state: "blocked" } as const) : queuedPlace(job, now);
  return next(job, now, { ...freshLife, ...place }, retried, { type: isBlocked ? "job.blocked" : "job.queued", data: {} });
}

/** The step for failures of a run that is retried: it waits for a failure again. */
export function reservedAgain(job: Job, now: number): Decision | null {
  if (!isFinished(job)) return null;
  return next(job, now, { ...freshLife, state: "created" }, { type: "job.retried", data: {} });
}

/**
 * Whose edge to a parent is open again once that parent lives again: whoever waits for it, and whoever was cancelled, should he be
 * retried too.
 */
export const waitsAgain = ({ state, pausedFrom }: Job): boolean =>
  state === "blocked" || state === "cancelled" || (state === "paused" && pausedFrom === "blocked");

/** A dependant that was cancelled for a job that now lives again. */
export function revived(job: Job, now: number): Decision | null {
  if (job.state !== "cancelled" || job.endReason?.code !== "dependency_failed") return null;
  return next(job, now, { ...freshLife, state: "blocked", hasDependencies: true }, { type: "job.blocked", data: {} });
}

const freshLife = {
  failures: 0, losses: 0, lostInStarting: false, startedAt: null, finishedAt: null, cancelRequestedAt: null,
  error: null, endReason: null, expiresAt: null, deadlineAt: null, attemptId: null,
} satisfies Partial<Job>; // prettier-ignore

/** Settled by a person instead of its executor; whatever still runs is killed by the engine. */
export function completedByHand(job: Job, now: number): Decision | Refused {
  if (isFinished(job)) return refuse(job, "what has ended cannot be completed");
  return completed({ ...job, pausedFrom: null, dueAt: null }, undefined, now);
}

export function failedByHand(job: Job, error: JobError, now: number): Decision | Refused {
  if (isFinished(job)) return refuse(job, "what has ended cannot be failed");
  return gaveUp({ ...job, pausedFrom: null, dueAt: null }, error, now);
}

/** What recovery did, told in the job's own history. */
export function repaired(decision: Decision, problem: string): Decision {
  const fact: Fact = { type: "job.repaired", data: { problem, action: decision.job.state } };
  return andThen({ job: decision.job, facts: [fact] }, (job) => ({ job, facts: decision.facts }));
}
