// A job as a list of values, in the order of the table's columns: for statements, and for the way between threads, where the
// names of fields cost more than their values.
import type { Job } from "../../../domain/job.ts";
import { noRetry } from "../../../domain/retry.ts";

export type JobValues = unknown[];

/** Never change once a job is accepted. */
export const fixedColumns = [
  "id", "type", "name", "functionName", "executor", "pool", "batchId", "runId", "step", "createdAt", "retry",
  "notBefore", "hasDependencies", "retentionMs",
] as const satisfies readonly (keyof Job)[]; // prettier-ignore

export const changingColumns = [
  "expiresAt", "deadlineAt", "state", "pausedFrom", "delayReason", "dueAt", "priority", "lane", "age", "attemptId", "attempt",
  "failures", "losses", "lostInStarting", "leaseUntil", "queuedAt", "startedAt", "finishedAt", "cancelRequestedAt", "updatedAt",
  "error", "endReason", "version",
] as const satisfies readonly (keyof Job)[]; // prettier-ignore

export const jobColumns = [...fixedColumns, ...changingColumns];

/** Places of the values that a database keeps in another form. */
export const place = { retry: 10, hasDependencies: 12, lostInStarting: 27, error: 34, endReason: 35 } as const;

// Written out: these two run several times a job, and a loop over names costs more than all the rest.
export const packJob = (job: Job): JobValues => [
  job.id, job.type, job.name, job.functionName, job.executor, job.pool, job.batchId, job.runId, job.step, job.createdAt,
  job.retry === noRetry ? null : job.retry,
  job.notBefore, job.hasDependencies, job.retentionMs,
  job.expiresAt, job.deadlineAt, job.state, job.pausedFrom, job.delayReason, job.dueAt, job.priority, job.lane, job.age, job.attemptId, job.attempt,
  job.failures, job.losses, job.lostInStarting, job.leaseUntil, job.queuedAt, job.startedAt, job.finishedAt, job.cancelRequestedAt, job.updatedAt,
  job.error, job.endReason, job.version,
]; // prettier-ignore

/** Values behind the job's own are not looked at. What most jobs have as their policy is null. */
export const unpackJob = (v: readonly unknown[]): Job =>
  ({
    id: v[0], type: v[1], name: v[2], functionName: v[3], executor: v[4], pool: v[5], batchId: v[6], runId: v[7], step: v[8], createdAt: v[9], retry: v[10] ?? noRetry,
    notBefore: v[11], hasDependencies: v[12], retentionMs: v[13],
    expiresAt: v[14], deadlineAt: v[15], state: v[16], pausedFrom: v[17], delayReason: v[18], dueAt: v[19], priority: v[20], lane: v[21], age: v[22],
    attemptId: v[23], attempt: v[24], failures: v[25], losses: v[26], lostInStarting: v[27], leaseUntil: v[28], queuedAt: v[29], startedAt: v[30],
    finishedAt: v[31], cancelRequestedAt: v[32], updatedAt: v[33], error: v[34], endReason: v[35], version: v[36],
  }) as Job; // prettier-ignore
