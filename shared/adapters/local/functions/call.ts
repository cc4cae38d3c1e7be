import type { Call } from "./messages.ts";
import type { Task } from "../../../ports/executor.ts";

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
