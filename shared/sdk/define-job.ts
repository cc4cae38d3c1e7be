// A function job as its author writes it. Imports nothing at run time: a job's bundle holds what the job needs.
import type { z } from "zod";
import type { Json, JsonObject } from "../domain/json.ts";
import type { JobInput } from "../domain/spec-schema.ts";

/** By it a job is recognised whichever copy of this file made it: each bundle has its own. */
const brand = Symbol.for("switchyard.job");

/** `90s`, `5m`, `24h`, `01:30:00`, or a number of seconds. */
export type DurationInput = string | number;
export type RetryOptions = NonNullable<JobInput["retry"]>;
/**
 * `thread`: in a thread of the server, the fastest. `process`: in a process of its own, for native code and for what must die
 * at once. `inline`: as `thread`, except in programs that embed Switchyard.
 */
export type Isolation = "thread" | "process" | "inline";

export interface JobContext {
  readonly job: {
    readonly id: string;
    readonly name?: string;
    readonly batchId?: string;
    readonly runId?: string;
    readonly step?: string;
  };
  /** Counts every try of the job, from 1. */
  readonly attempt: number;
  /** Aborted when the job is cancelled or its time is over; after its grace the attempt is killed. */
  readonly signal: AbortSignal;
  /** A line of the job's log, formatted as console.log does. */
  log(...values: readonly unknown[]): void;
  /** `percent` from 0 to 100; details are merged with those told before. */
  progress(percent: number, stage?: string, details?: JsonObject): void;
  /** What an attempt saves so that the next one need not start over. */
  readonly checkpoint: {
    /** What this attempt or the latest one before it saved. */
    read(): Promise<Json | undefined>;
    /** On disk, and whole, once it resolves. */
    write(value: Json): Promise<void>;
  };
  /** Results of the job's dependencies, by step or job id. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Where to write an artifact of this name, relative and without `..`: its folder is there already. */
  output(path: string): string;
}

interface Options<Name extends string, Params extends z.ZodType> {
  /** A letter, then at most 63 letters, digits, `.`, `_` and `-`. */
  readonly name: Name;
  readonly description?: string;
  /** Also checked when a job is submitted, so it must have a JSON Schema: times as `z.iso.datetime()`, not `z.date()`. */
  readonly params: Params;
  /** Per attempt, unless the job says otherwise; none by default. */
  readonly timeout?: DurationInput;
  readonly retry?: RetryOptions;
  readonly isolation?: Isolation;
}

/** What `defineJob` answers. `Params` is the schema: `z.input` of it is submitted, `z.output` of it reaches `run`. */
export interface JobDefinition<Name extends string = string, Params extends z.ZodType = z.ZodType, Result = unknown> extends Options<
  Name,
  Params
> {
  readonly result?: z.ZodType<Result> | undefined;
  run(params: z.output<Params>, ctx: JobContext): unknown;
}

export type ParamsOf<Job extends JobDefinition> = z.input<Job["params"]>;
export type ResultOf<Job extends JobDefinition> = Job extends JobDefinition<string, z.ZodType, infer Result> ? Result : never;

/** The default export of a job's file. What `run` returns is the job's result, as JSON; what it throws fails the attempt. */
export function defineJob<const Name extends string, Params extends z.ZodType, Returned>(
  options: Options<Name, Params> & { readonly result?: undefined; run(params: z.output<Params>, ctx: JobContext): Returned },
): JobDefinition<Name, Params, Awaited<Returned>>;
export function defineJob<const Name extends string, Params extends z.ZodType, Result extends z.ZodType>(
  options: Options<Name, Params> & {
    readonly result: Result;
    run(params: z.output<Params>, ctx: JobContext): z.input<Result> | Promise<z.input<Result>>;
  },
): JobDefinition<Name, Params, z.output<Result>>;
export function defineJob(options: JobDefinition): JobDefinition {
  return Object.freeze({ ...options, [brand]: true });
}

export const isJobDefinition = (value: unknown): value is JobDefinition =>
  typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
