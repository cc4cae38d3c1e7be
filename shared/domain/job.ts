/*
 * job: one unit of work · attempt: one try of it, numbered and fenced by its id · lane: where a queued job waits
 * lease: the time until which an attempt is believed alive · end reason: why a job was cancelled
 */
import type { z } from "zod";
import type { JobErrorSchema } from "../../events/common.ts";
import type { RetryPolicy } from "./retry.ts";

export const jobStates = [
  "created", "blocked", "delayed", "queued", "starting", "running", "paused", "completed", "failed", "cancelled",
] as const; // prettier-ignore
export type JobState = (typeof jobStates)[number];
export type EndState = "completed" | "failed" | "cancelled";
export type JobType = "function" | "script" | "container";
export type JobError = z.infer<typeof JobErrorSchema>;
export type DelayReason = "retry" | "loss" | "delay" | "runAt";

export interface EndReason {
  readonly code: "cancelled_by_user" | "dependency_failed" | "expired";
  readonly message: string;
  /** A branch for a case that did not come: nobody failed. */
  readonly skipped?: boolean;
}

/** What decisions need to know of a job. All times are milliseconds since 1970; null = there is none. */
export interface Job {
  readonly id: string;
  readonly type: JobType;
  readonly name: string | null;
  readonly functionName: string | null;
  readonly executor: string;
  /** The pool of its concurrency key. */
  readonly pool: string | null;
  readonly batchId: string | null;
  readonly runId: string | null;
  readonly step: string | null;
  readonly createdAt: number;
  readonly retry: RetryPolicy;
  /** Not started by then: expired. */
  readonly expiresAt: number | null;
  /** Not ended by then: failed. */
  readonly deadlineAt: number | null;
  /** Not to be started before. */
  readonly notBefore: number | null;
  readonly hasDependencies: boolean;
  /** How long it is kept once finished. */
  readonly retentionMs: number;

  readonly state: JobState;
  readonly pausedFrom: JobState | null;
  readonly delayReason: DelayReason | null;
  readonly dueAt: number | null;
  readonly priority: number;
  readonly lane: string;
  /** Since when it waits; of two equal priorities the older goes first. */
  readonly age: number;
  readonly attemptId: string | null;
  /** How many attempts were begun, lost ones too. */
  readonly attempt: number;
  readonly failures: number;
  readonly losses: number;
  /** It was lost once before its start was on disk: from now on the start is written before it runs. */
  readonly lostInStarting: boolean;
  readonly leaseUntil: number | null;
  readonly queuedAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly cancelRequestedAt: number | null;
  readonly updatedAt: number;
  readonly error: JobError | null;
  readonly endReason: EndReason | null;
  /** Grows with every decision; a decision made on an older version is refused by the store. */
  readonly version: number;
}

export const executorLane = (executor: string): string => `executor:${executor}`;
export const poolLane = (pool: string): string => `pool:${pool}`;

const waiting: ReadonlySet<JobState> = new Set(["created", "blocked", "delayed", "queued", "paused"]);

export const isEnd = (state: JobState): state is EndState => state === "completed" || state === "failed" || state === "cancelled";
export const isFinished = (job: { readonly state: JobState }): boolean => isEnd(job.state);
export const isWaiting = (job: { readonly state: JobState }): boolean => waiting.has(job.state);
/** An attempt holds the job: it runs, or its executor has it. */
export const holdsTurn = (job: { readonly state: JobState }): boolean => job.state === "starting" || job.state === "running";

/** When somebody has to look at the waiting job again though nothing happened; null = never. Attempts have leases instead. */
export function wakeAt(job: Job): number | null {
  if (isFinished(job) || holdsTurn(job)) return null;
  const patience = job.attempt === 0 ? job.expiresAt : null;
  const times = [job.state === "delayed" ? job.dueAt : null, patience, job.deadlineAt].filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}
