// How an attempt ended whose host (the thread or process that ran its function) died under it.
import type { Outcome } from "../domain/attempt.ts";

/** How a host went. */
export interface Gone {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly isOutOfMemory: boolean;
  /** It did not come as far as running anything. */
  readonly error: string | null;
}

/** `moreMemory`: a sentence that says what gives functions more of it here. */
export function deathOf({ exitCode, signal, isOutOfMemory, error }: Gone, moreMemory: string): Outcome {
  if (isOutOfMemory) {
    const message = `The function needed more memory than its heap may have. ${moreMemory}`;
    return { failure: { code: "process.out_of_memory", message, retryable: false } };
  }
  if (signal !== null) {
    return { failure: { code: `process.signal_${signal}`, message: `The function's process was killed by ${signal}.`, retryable: true } };
  }
  if (error !== null || exitCode === null) return { lost: `What ran the function died: ${error ?? "nobody knows why"}` };
  const message = `The function called process.exit(${exitCode}) before it ended.`;
  return { exitCode, failure: { code: `process.exit_${exitCode}`, message, retryable: true } };
}
