// One attempt of a function job, as whatever runs the function is told of it.
import type { JsonText } from "../domain/json.ts";
import type { Task } from "../ports/executor.ts";
import type { JobContext } from "../sdk/define-job.ts";

export interface Call {
  readonly attemptId: string;
  readonly job: JobContext["job"];
  readonly attempt: number;
  readonly params: JsonText;
  readonly inputs: JsonText;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Names of artifacts that must be there in the end. */
  readonly outputFiles: readonly string[];
}

const nothing: readonly string[] = [];

/** Only what a function may know of its job; what is absent costs nothing on the way. */
export function callOf(task: Task): Call {
  const { job, spec } = task;
  return {
    attemptId: task.attemptId,
    job: {
      id: job.id,
      ...(job.name && { name: job.name }),
      ...(job.batchId && { batchId: job.batchId }),
      ...(job.runId && { runId: job.runId }),
      ...(job.step && { step: job.step }),
    },
    attempt: job.attempt,
    params: task.params,
    inputs: task.inputs,
    env: task.env,
    secrets: task.secrets,
    outputFiles: spec.outputFiles ?? nothing,
  };
}
