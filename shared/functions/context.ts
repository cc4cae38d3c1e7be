// What a function gets beside its params. Its methods need no `this`: authors take them apart.
import { format } from "node:util";
import type { Json } from "../domain/json.ts";
import type { JobContext } from "../sdk/define-job.ts";
import type { AttemptFiles } from "./attempt-files.ts";
import type { Call } from "./call.ts";
import type { ProgressTeller } from "./progress-teller.ts";

export function contextOf(call: Call, files: AttemptFiles, signal: AbortSignal, teller: ProgressTeller): JobContext {
  let inputs: JobContext["inputs"] | undefined;
  return {
    job: call.job,
    attempt: call.attempt,
    signal,
    log: (...values) => files.line("stdout", format(...values)),
    progress: (percent, stage, details) => teller.tell(percent, stage, details),
    checkpoint: {
      read: () => files.readCheckpoint(),
      write: (value) => files.writeCheckpoint(value),
    },
    get inputs() {
      return (inputs ??= JSON.parse(call.inputs) as Record<string, Json>);
    },
    output: (path) => files.output(path),
  };
}
