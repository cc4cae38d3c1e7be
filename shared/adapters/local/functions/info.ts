// What is known of a function without running it.
import type { JobInput } from "../../../domain/spec-schema.ts";
import type { JsonObject } from "../../../domain/json.ts";
import type { Isolation } from "../../../sdk/define-job.ts";

export interface FunctionInfo {
  readonly name: string;
  readonly description?: string;
  /** Relative to the jobs folder. */
  readonly file: string;
  /** Of the bundle's content. */
  readonly hash: string;
  /** The bundle's path. */
  readonly bundle: string;
  readonly paramsSchema: JsonObject;
  readonly resultSchema?: JsonObject;
  readonly timeout?: string | number;
  readonly retry?: NonNullable<JobInput["retry"]>;
  readonly isolation: Isolation;
}

/** Why a file of the jobs folder gives no function. */
export interface FunctionProblem {
  /** Relative to the jobs folder. */
  readonly file: string;
  readonly message: string;
}

/** Where an executor looks up its functions. */
export interface FunctionSource {
  get(name: string): FunctionInfo | undefined;
  functions(): readonly FunctionInfo[];
}
