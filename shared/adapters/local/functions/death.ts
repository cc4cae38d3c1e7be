// How an attempt ended whose host died under it.
import type { Outcome } from "../../../domain/attempt.ts";
import type { Gone } from "./messages.ts";

export function deathOf({ exitCode, signal, isOutOfMemory, error }: Gone): Outcome {
  if (isOutOfMemory) {
    const message = "The function needed more memory than its heap may have. `executors.node.heapMb` in the server's config raises it.";
    return { failure: { code: "process.out_of_memory", message, retryable: false } };
  }
  if (signal !== null) {
    return { failure: { code: `process.signal_${signal}`, message: `The function's process was killed by ${signal}.`, retryable: true } };
  }
  if (error !== null || exitCode === null) return { lost: `What ran the function died: ${error ?? "nobody knows why"}` };
  const message = `The function called process.exit(${exitCode}) before it ended.`;
  return { exitCode, failure: { code: `process.exit_${exitCode}`, message, retryable: true } };
}
