// Between rows and domain values. The lists of columns are the only place that knows their order.
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Group } from "../../../domain/group.ts";
import { isFinished, wakeAt, type Job } from "../../../domain/job.ts";
import { noRetry, type RetryPolicy } from "../../../domain/retry.ts";

export type Row = Record<string, SQLOutputValue>;

const fixedColumns = [
  "id", "type", "name", "functionName", "executor", "pool", "batchId", "runId", "step", "createdAt", "retry",
  "notBefore", "hasDependencies", "retentionMs",
] as const satisfies readonly (keyof Job)[]; // prettier-ignore

const changingColumns = [
  "expiresAt", "deadlineAt", "state", "pausedFrom", "delayReason", "dueAt", "priority", "lane", "age", "attemptId", "attempt",
  "failures", "losses", "lostInStarting", "leaseUntil", "queuedAt", "startedAt", "finishedAt", "cancelRequestedAt", "updatedAt",
  "error", "endReason", "version",
] as const satisfies readonly (keyof Job)[]; // prettier-ignore

const jobColumns = [...fixedColumns, ...changingColumns];
const derivedColumns = ["wakeAt", "purgeAt"];

export const selectedJob = (alias: string): string => jobColumns.map((column) => `${alias}.${column}`).join(", ");
const insertedColumns = [...jobColumns, ...derivedColumns, "eventSeq"];
export const insertedJob = `(${insertedColumns.join(", ")}) VALUES (${insertedColumns.map(() => "?").join(", ")})`;
export const updatedJob = `${[...changingColumns, ...derivedColumns].map((column) => `${column} = ?`).join(", ")}, eventSeq = eventSeq + ?`;

export const insertValues = (job: Job, events: number): SQLInputValue[] => valuesOf(job, jobColumns, events);
export const updateValues = (job: Job, events: number): SQLInputValue[] => valuesOf(job, changingColumns, events);

function valuesOf(job: Job, columns: readonly (keyof Job)[], events: number): SQLInputValue[] {
  const values = columns.map((column) => valueOf(job, column));
  values.push(wakeAt(job), isFinished(job) && job.finishedAt !== null ? job.finishedAt + job.retentionMs : null, events);
  return values;
}

function valueOf(job: Job, column: keyof Job): SQLInputValue {
  const value = job[column];
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "object" || value === null) return value as SQLInputValue;
  const text = JSON.stringify(value);
  // Rows are rewritten with every step of a job: what most jobs have is not written at all.
  return column === "retry" && text === usualPolicy ? null : text;
}

/** Most jobs share a few policies: parsed once each, within a bound. */
const policies = new Map<string, RetryPolicy>();
const usualPolicy = JSON.stringify(noRetry);

function policyOf(text: string | null): RetryPolicy {
  if (text === null) return noRetry;
  const known = policies.get(text);
  if (known) return known;
  if (policies.size > 1000) policies.clear();
  const policy = JSON.parse(text) as RetryPolicy;
  policies.set(text, policy);
  return policy;
}

const parsed = (text: SQLOutputValue | undefined): unknown => (typeof text === "string" ? JSON.parse(text) : null);

/** Columns beyond the job's own are left in the row: a copy would cost more than it tidies. */
export function jobOf(row: Row): Job {
  const job: Record<string, unknown> = {};
  for (const column of jobColumns) job[column] = row[column];
  job.retry = policyOf(row.retry as string | null);
  job.hasDependencies = row.hasDependencies === 1;
  job.lostInStarting = row.lostInStarting === 1;
  job.error = parsed(row.error);
  job.endReason = parsed(row.endReason);
  return job as unknown as Job;
}

const groupColumns = [
  "id", "kind", "name", "state", "createdAt", "finishedAt", "cancelRequestedAt", "jobs", "tolerate", "workflowVersion", "params",
  "onFailureJob", "version",
] as const satisfies readonly (keyof Group)[]; // prettier-ignore

export const selectedGroup = groupColumns.join(", ");
export const insertedGroup = `(${groupColumns.join(", ")}, eventSeq) VALUES (${groupColumns.map(() => "?").join(", ")}, 0)`;
export const groupValues = (group: Group): SQLInputValue[] => groupColumns.map((column) => group[column]);
export const groupOf = (row: Row): Group => Object.fromEntries(groupColumns.map((column) => [column, row[column]])) as unknown as Group;
