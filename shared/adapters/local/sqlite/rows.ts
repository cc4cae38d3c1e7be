// Between rows and domain values.
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Group } from "../../../domain/group.ts";
import { isFinished, wakeAt, type Job } from "../../../domain/job.ts";
import { noRetry, type RetryPolicy } from "../../../domain/retry.ts";
import { changingColumns, fixedColumns, jobColumns, packJob, place, unpackJob } from "./job-values.ts";

export type Row = Record<string, SQLOutputValue>;

const derivedColumns = ["wakeAt", "purgeAt"];

export const selectedJob = (alias: string): string => jobColumns.map((column) => `${alias}.${column}`).join(", ");
const insertedColumns = [...jobColumns, ...derivedColumns, "eventSeq"];
export const insertedJob = `(${insertedColumns.join(", ")}) VALUES (${insertedColumns.map(() => "?").join(", ")})`;
export const updatedJob = `${[...changingColumns, ...derivedColumns].map((column) => `${column} = ?`).join(", ")}, eventSeq = eventSeq + ?`;

export const insertValues = (job: Job, events: number): SQLInputValue[] => stored(job, events);
export const updateValues = (job: Job, events: number): SQLInputValue[] => stored(job, events).slice(fixedColumns.length);

function stored(job: Job, events: number): SQLInputValue[] {
  const values = packJob(job);
  // Rows are rewritten with every step of a job: what most jobs have is not written at all.
  if (values[place.retry] !== null) values[place.retry] = textUnlessUsual(job.retry);
  values[place.hasDependencies] = job.hasDependencies ? 1 : 0;
  values[place.lostInStarting] = job.lostInStarting ? 1 : 0;
  values[place.error] = job.error && JSON.stringify(job.error);
  values[place.endReason] = job.endReason && JSON.stringify(job.endReason);
  values.push(wakeAt(job), isFinished(job) && job.finishedAt !== null ? job.finishedAt + job.retentionMs : null, events);
  return values as SQLInputValue[];
}

function textUnlessUsual(policy: RetryPolicy): string | null {
  const text = JSON.stringify(policy);
  return text === usualPolicy ? null : text;
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

const parsed = (text: unknown): unknown => (typeof text === "string" ? JSON.parse(text) : null);

/** Columns beyond the job's own are left in the row: a copy would cost more than it tidies. */
export const jobOf = (row: Row): Job => jobOfValues(jobColumns.map((column) => row[column]!));

/** Of a statement that answers lists: `selectedJob` first, whatever else behind. The list is used up. */
export function jobOfValues(values: unknown[]): Job {
  values[place.retry] = policyOf(values[place.retry] as string | null);
  values[place.hasDependencies] = values[place.hasDependencies] === 1;
  values[place.lostInStarting] = values[place.lostInStarting] === 1;
  values[place.error] = parsed(values[place.error]);
  values[place.endReason] = parsed(values[place.endReason]);
  return unpackJob(values);
}

const groupColumns = [
  "id", "kind", "name", "state", "createdAt", "finishedAt", "cancelRequestedAt", "jobs", "tolerate", "workflowVersion", "params",
  "onFailureJob", "version",
] as const satisfies readonly (keyof Group)[]; // prettier-ignore

export const selectedGroup = groupColumns.join(", ");
export const insertedGroup = `(${groupColumns.join(", ")}, eventSeq) VALUES (${groupColumns.map(() => "?").join(", ")}, 0)`;
export const groupValues = (group: Group): SQLInputValue[] => groupColumns.map((column) => group[column]);
export const groupOf = (row: Row): Group => Object.fromEntries(groupColumns.map((column) => [column, row[column]])) as unknown as Group;
