// A job as one short text: what most jobs have is left out, and so is what lies beside it as an attribute of its own.
import { DEFAULT_RETENTION_MS } from "../../../domain/begin.ts";
import { executorLane, type Job } from "../../../domain/job.ts";
import type { JsonText } from "../../../domain/json.ts";
import { noRetry, type RetryPolicy } from "../../../domain/retry.ts";

/** Conditions, the claim and beats look at these, or change them. */
export interface Beside {
  readonly id: string;
  readonly state: Job["state"];
  readonly attemptId: string | null;
  readonly leaseUntil: number | null;
  readonly cancelRequestedAt: number | null;
  readonly version: number;
}

type Usual = Omit<Job, keyof Beside | "executor" | "createdAt" | "retry">;

const usual = (executor: string, createdAt: number): Usual => ({
  type: "function", name: null, functionName: null, pool: null, batchId: null, runId: null, step: null, expiresAt: null, deadlineAt: null,
  notBefore: null, hasDependencies: false, retentionMs: DEFAULT_RETENTION_MS, pausedFrom: null, delayReason: null, dueAt: null, priority: 0,
  lane: executorLane(executor), age: createdAt, attempt: 0, failures: 0, losses: 0, lostInStarting: false, queuedAt: null, startedAt: null,
  finishedAt: null, updatedAt: createdAt, error: null, endReason: null,
}); // prettier-ignore

/** What differs from the usual. */
function different<T extends object>(given: T, from: Partial<T>): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== from[name as keyof T])) as Partial<T>;
}

export function packJob(job: Job): JsonText {
  const { id: _, state: __, attemptId: ___, leaseUntil: ____, cancelRequestedAt: _____, version: ______, retry, ...rest } = job;
  const ownRetry: Partial<RetryPolicy> = different(retry, noRetry);
  return JSON.stringify({
    ...different<Partial<Job>>(rest, usual(job.executor, job.createdAt)),
    ...(Object.keys(ownRetry).length > 0 && { retry: ownRetry }),
  });
}

export function unpackJob(text: JsonText, beside: Beside): Job {
  const { retry, ...data } = JSON.parse(text) as Partial<Job> & Pick<Job, "executor" | "createdAt">;
  return { ...usual(data.executor, data.createdAt), ...data, retry: { ...noRetry, ...retry }, ...beside };
}
