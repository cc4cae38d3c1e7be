// What a submitted job means: aliases, shorthands and defaults are resolved here, once.
import type { Condition, Pass } from "./dependency.ts";
import { parseDuration, SECOND } from "./duration.ts";
import type { Fault } from "./errors.ts";
import type { JobType } from "./job.ts";
import type { Json } from "./json.ts";
import { ATTEMPTS_OF_A_RETRY_BLOCK, noRetry, type RetryPolicy } from "./retry.ts";
import type { JobInput, WorkInput } from "./spec-schema.ts";

/** A dependency as submitted: a job's id, or its index in the batch. */
export interface WantedDependency {
  readonly job: string | number;
  readonly on: Condition;
  readonly pass: Pass;
}

/** What is stored as the job's spec and shown again: the input without aliases, params apart. */
export type JobSpec = Omit<
  JobInput,
  "params" | "payload" | "runner" | "maxRetries" | "retryDelay" | "tags" | "dependencies" | "priority" | "type" | "id"
> & { readonly type: JobType; readonly executor: string };

export interface Meant {
  readonly spec: JobSpec;
  readonly id: string | null;
  readonly params: Json;
  readonly tags: string[];
  readonly priority: number;
  readonly dependencies: WantedDependency[];
}

const namedPriorities = { low: -100, medium: 0, high: 100, critical: 1000 } as const;
const workBlocks = ["function", "script", "container"] as const;

export const AUTO_EXECUTOR = "auto";
export const DEFAULT_KILL_GRACE_MS = 10 * SECOND;

/** Undefined keys would be refused by exact optional types and stored for nothing. */
const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

export function meaningOf(input: JobInput): Meant {
  const { params, payload, runner, maxRetries, retryDelay, tags, dependencies, priority, type, id, executor, ...rest } = input;
  const retry = { ...rest.retry, ...given({ delay: retryDelay }), ...(maxRetries !== undefined && { maxAttempts: maxRetries + 1 }) };
  return {
    spec: {
      ...rest,
      type: type ?? typeOf(input) ?? "function",
      executor: executor ?? runner ?? AUTO_EXECUTOR,
      ...(Object.keys(retry).length > 0 || rest.retry ? { retry } : {}),
    },
    id: id ?? null,
    params: params ?? payload ?? {},
    tags: tagList(tags),
    priority: typeof priority === "string" ? namedPriorities[priority] : (priority ?? 0),
    dependencies: (dependencies ?? []).map((wanted) => ({
      on: "success" as const,
      pass: "result" as const,
      ...(typeof wanted === "object" ? given(wanted) : { job: wanted }),
    })),
  };
}

const typeOf = (input: WorkInput): JobType | undefined => workBlocks.find((block) => input[block] !== undefined);

function tagList(tags: JobInput["tags"]): string[] {
  if (tags === undefined) return [];
  const list = Array.isArray(tags) ? tags : Object.entries(tags).map(([key, value]) => (value === "" ? key : `${key}=${value}`));
  return [...new Set(list)];
}

/** What a schema cannot say well: which blocks go together. */
export function workFaults(input: WorkInput, limits: { tagsPerJob: number; tagChars: number }): Fault[] {
  const blocks = workBlocks.filter((block) => input[block] !== undefined);
  const faults: Fault[] = [];
  if (blocks.length === 0) faults.push({ path: input.type ?? "type", message: "needs one of function, script and container" });
  if (blocks.length > 1) faults.push({ path: blocks[1]!, message: `cannot stand beside ${blocks[0]}` });
  if (input.type && blocks.length === 1 && blocks[0] !== input.type) {
    faults.push({ path: "type", message: `is ${input.type}, but the job has a ${blocks[0]} block` });
  }
  if (input.params !== undefined && input.payload !== undefined)
    faults.push({ path: "payload", message: "is an alias of params: give one of them" });
  if (input.executor && input.runner) faults.push({ path: "runner", message: "is an alias of executor: give one of them" });
  if (input.retry?.maxAttempts !== undefined && input.maxRetries !== undefined) {
    faults.push({ path: "maxRetries", message: "is a shorthand of retry.maxAttempts: give one of them" });
  }
  const tags = tagList(input.tags);
  if (tags.length > limits.tagsPerJob)
    faults.push({ path: "tags", message: `has ${tags.length} tags; at most ${limits.tagsPerJob} are allowed` });
  if (tags.some((tag) => tag.length > limits.tagChars))
    faults.push({ path: "tags", message: `has a tag of more than ${limits.tagChars} characters` });
  return faults;
}

/** `fallback` is what the function itself declares. */
export function retryPolicy(spec: Pick<JobSpec, "retry">, fallback?: JobInput["retry"]): RetryPolicy {
  const block = spec.retry ?? fallback;
  if (!block) return noRetry;
  const { delay, maxDelay, ...plain } = block;
  return {
    ...noRetry,
    maxAttempts: ATTEMPTS_OF_A_RETRY_BLOCK,
    ...given(plain),
    ...(delay !== undefined && { delayMs: parseDuration(delay)! }),
    ...(maxDelay !== undefined && { maxDelayMs: parseDuration(maxDelay)! }),
  };
}

export const durationMs = (value: string | number | undefined): number | null => (value === undefined ? null : parseDuration(value));

/** An instant as it is, a duration counted from `now`. */
export function instantMs(value: string | number | undefined, now: number): number | null {
  if (value === undefined) return null;
  const duration = parseDuration(value);
  return duration === null ? Date.parse(String(value)) : now + duration;
}
