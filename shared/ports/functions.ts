import type { JsonObject } from "../domain/json.ts";
import type { JobInput } from "../domain/spec-schema.ts";

/** What a function of `jobs/` says of itself. */
export interface FunctionInfo {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema 2020-12 of what may be submitted. */
  readonly paramsSchema: JsonObject;
  readonly resultSchema?: JsonObject | undefined;
  /** What a job takes over that does not say it itself. */
  readonly timeout?: string | number | undefined;
  readonly retry?: JobInput["retry"];
  readonly isolation: "thread" | "process" | "inline";
}

/** The functions that can be run, by name. */
export interface Functions {
  get(name: string): FunctionInfo | undefined;
  functions(): readonly FunctionInfo[];
}
