import type { Call } from "./messages.ts";
import type { Turn } from "./turn.ts";

const nothing: readonly string[] = [];

/** Only what a function may know of its job; what is absent costs nothing on the way. */
export function callOf({ task, ticket }: Turn): Call & { readonly ticket: number } {
  const { job, spec } = task;
  return {
    ticket,
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
