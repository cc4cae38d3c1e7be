// The environment of an attempt: what the contract names, what the job asks for, and of the server's own only what is let through.
import { isObject, type JsonText } from "../domain/json.ts";
import { filesOf } from "./folder.ts";

/** Internal: by it the processes of an attempt are found again, wherever they went. */
export const ATTEMPT_TAG = "SWITCHYARD_ATTEMPT_ID";

const ALWAYS_INHERITED = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"] as const;
/** Linux refuses a string of more than 128 KB, and all of them together over about 2 MB: then nothing would start. */
const PARAM_BYTES_MAX = 100_000;
const PARAMS_BYTES_MAX = 500_000;

type Environment = Readonly<Record<string, string>>;

/** Paths as the attempt sees them: within a container they differ from ours. */
export function contractEnvironment(attempt: { jobId: string; attempt: number; attemptId: string; folder: string }): Environment {
  const files = filesOf(attempt.folder);
  return {
    SWITCHYARD_JOB_ID: attempt.jobId,
    SWITCHYARD_ATTEMPT: String(attempt.attempt),
    [ATTEMPT_TAG]: attempt.attemptId,
    JOB_PARAMS_FILE: files.params,
    JOB_INPUTS_FILE: files.inputs,
    JOB_RESULT_FILE: files.result,
    JOB_ERROR_FILE: files.error,
    JOB_OUTPUT_DIR: files.artifacts,
    JOB_CHECKPOINT_FILE: files.checkpoint,
  };
}

/** Strings, numbers and booleans among the params, unless they are too large or have null bytes. */
export function paramsEnvironment(params: JsonText): Environment {
  const parsed: unknown = JSON.parse(params);
  const environment: Record<string, string> = {};
  let bytesLeft = PARAMS_BYTES_MAX;
  for (const [key, value] of isObject(parsed) ? Object.entries(parsed) : []) {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") continue;
    const text = String(value);
    const bytes = Buffer.byteLength(text);
    if (text.includes("\0") || bytes > PARAM_BYTES_MAX || bytes > bytesLeft) continue;
    bytesLeft -= bytes;
    environment[`PARAM_${key.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_")}`] = text;
  }
  return environment;
}

export function inheritedEnvironment(server: Readonly<NodeJS.ProcessEnv>, names: readonly string[]): Environment {
  const found = [...ALWAYS_INHERITED, ...names].map((name) => [name, server[name]] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What the job asks for comes before what it inherits, and the contract before both. */
export const environmentOf = (parts: {
  inherited: Environment;
  params: Environment;
  own: Environment;
  contract: Environment;
}): Environment => ({
  ...parts.inherited,
  ...parts.params,
  ...parts.own,
  ...parts.contract,
});
