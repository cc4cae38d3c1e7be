// The way of a job from its submission to its turn.
import { andThen, next, type Decision, type Refused } from "./decision.ts";
import { isFinished, poolLane, executorLane, type Job } from "./job.ts";
import { DAY } from "./duration.ts";
import type { Fact } from "../../events/catalogue.ts";

export type NewJob = Pick<Job, "id" | "type" | "executor" | "createdAt" | "retry"> &
  Partial<Pick<Job, "name" | "functionName" | "pool" | "batchId" | "runId" | "step" | "priority" | "retentionMs">> &
  Partial<Pick<Job, "expiresAt" | "deadlineAt" | "notBefore" | "hasDependencies">> & { readonly autoStart?: boolean };

export const DEFAULT_RETENTION_MS = 30 * DAY;

/** A new job rests in created, blocked, delayed or queued: one fact tells which. */
export function submitted(made: NewJob): Decision {
  const { autoStart = true, ...given } = made;
  const now = made.createdAt;
  const job: Job = {
    name: null, functionName: null, pool: null, batchId: null, runId: null, step: null,
    expiresAt: null, deadlineAt: null, notBefore: null, hasDependencies: false, retentionMs: DEFAULT_RETENTION_MS,
    state: "created", pausedFrom: null, delayReason: null, dueAt: null, priority: 0, lane: executorLane(made.executor),
    age: now, attemptId: null, attempt: 0, failures: 0, losses: 0, lostInStarting: false, leaseUntil: null,
    queuedAt: null, startedAt: null, finishedAt: null, cancelRequestedAt: null, updatedAt: now, error: null, endReason: null,
    version: 1, ...given,
  }; // prettier-ignore
  const resting = autoStart ? { ...job, ...restingPlace(job, now) } : job;
  const facts: Fact[] = [{ type: "job.created", data: { state: resting.state } }];
  if (resting.state === "delayed") facts.push(delayedFact(resting));
  return { job: resting, facts };
}

/** Where a job waits that may start as far as its user is concerned. */
function restingPlace(job: Job, now: number, waitsForOthers = job.hasDependencies): Partial<Job> {
  if (waitsForOthers) return { state: "blocked" };
  return job.notBefore !== null && job.notBefore > now
    ? { state: "delayed", dueAt: job.notBefore, delayReason: "delay" }
    : queuedPlace(job, now);
}

/** At the end of its lane: first its key's pool, then its executor. */
export function queuedPlace(job: Job, now: number): Partial<Job> {
  return {
    state: "queued", dueAt: null, delayReason: null, attemptId: null, leaseUntil: null, age: now, queuedAt: now,
    lane: job.pool === null ? executorLane(job.executor) : poolLane(job.pool),
  }; // prettier-ignore
}

function factOf(job: Job): Fact {
  if (job.state === "delayed") return delayedFact(job);
  return job.state === "blocked" ? { type: "job.blocked", data: {} } : { type: "job.queued", data: {} };
}

function delayedFact(job: Job): Fact {
  return { type: "job.delayed", data: { until: new Date(job.dueAt ?? 0).toISOString(), why: job.delayReason ?? "delay" } };
}

function moveOn(job: Job, now: number, waitsForOthers?: boolean): Decision {
  const place = restingPlace(job, now, waitsForOthers);
  return next(job, now, place, factOf({ ...job, ...place }));
}

/** By hand: a job that was submitted with `autoStart: false`. */
export function startedByHand(job: Job, now: number): Decision | Refused {
  return job.state === "created" ? moveOn(job, now) : { refused: `it is ${job.state}, and only a created job can be started` };
}

/** Its edges are all resolved: it may go on, or one of them makes it pointless. */
export function unblocked(job: Job, unmet: { skipped: boolean; parent: string } | null, now: number): Decision {
  if (unmet === null) return moveOn(job, now, false);
  const message = unmet.skipped
    ? `Not needed: ${unmet.parent} did not fail.`
    : `A job that it depends on did not end as required: ${unmet.parent}.`;
  return cancelled(job, { code: "dependency_failed", message, ...(unmet.skipped && { skipped: true }) }, now);
}

/** Its point in time has come: the end of a delay, of its patience, or of its deadline. */
export function due(job: Job, now: number): Decision | null {
  if (isFinished(job) || job.attemptId !== null) return null;
  if (job.deadlineAt !== null && job.deadlineAt <= now) return deadlinePassed(job, now);
  if (job.expiresAt !== null && job.expiresAt <= now && job.attempt === 0) {
    return cancelled(job, { code: "expired", message: "It was not started within its ttl." }, now);
  }
  if (job.state !== "delayed" || job.dueAt === null || job.dueAt > now) return null;
  return next(job, now, queuedPlace(job, now), { type: "job.queued", data: {} });
}

/** A slot in its key's pool is its own now; what it still waits for is its executor. */
export const admitted = (job: Job): Job => ({ ...job, lane: executorLane(job.executor), version: job.version + 1 });

/** `announce` where the executor may be silent for long: pulling an image, finding a host. */
export function granted(job: Job, attemptId: string, now: number, leaseUntil: number | null, announce = false): Decision {
  const attempt = job.attempt + 1;
  const facts: Fact[] = announce ? [{ type: "job.starting", data: { attemptId, attempt } }] : [];
  return next(job, now, { state: "starting", attemptId, attempt, leaseUntil }, ...facts);
}

/** Where executors always have room: nothing holds the job back, so that it gets its turn in the write that brings it to the lane. */
export function withTurn(decision: Decision, attemptId: string, now: number, leaseUntil: number): Decision {
  const { state, lane, executor } = decision.job;
  return state === "queued" && lane === executorLane(executor)
    ? andThen(decision, (job) => granted(job, attemptId, now, leaseUntil))
    : decision;
}

export function deadlinePassed(job: Job, now: number): Decision {
  const error = { code: "job.deadline_exceeded", message: "It did not end before its deadline.", retryable: false };
  return next(
    job,
    now,
    { state: "failed", finishedAt: now, error, pausedFrom: null, dueAt: null, leaseUntil: null },
    { type: "job.failed", data: { attempt: job.attempt, error } },
  );
}

export function cancelled(job: Job, reason: NonNullable<Job["endReason"]>, now: number): Decision {
  return next(
    job,
    now,
    { state: "cancelled", finishedAt: now, endReason: reason, pausedFrom: null, dueAt: null, leaseUntil: null },
    { type: "job.cancelled", data: { reason: reason.code, message: reason.message } },
  );
}
