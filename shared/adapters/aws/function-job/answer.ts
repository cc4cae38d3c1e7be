// The outcome of an attempt as it travels through the state machine.
import { ANSWER_RESULT_BYTES_MAX, type FunctionAnswer } from "../../../attempt/function-call.ts";
import { upload, type AttemptClient } from "../../../attempt/protocol-client.ts";
import type { AttemptFailure, Outcome } from "../../../domain/attempt.ts";
import { isObject, type Json } from "../../../domain/json.ts";

/** Large results go past the machine. @throws Error if one could not be stored, or the signal's reason */
export async function travelling(outcome: Outcome, client: AttemptClient, signal: AbortSignal): Promise<FunctionAnswer["outcome"]> {
  if ("failure" in outcome) return { ...outcome, failure: lighter(outcome.failure) };
  if (!("result" in outcome)) return outcome;
  const bytes = Buffer.byteLength(outcome.result);
  if (bytes <= ANSWER_RESULT_BYTES_MAX) return outcome;
  await upload(await client.result(bytes, signal), new Blob([outcome.result]), signal);
  return { storedResult: true };
}

/** Of details that are too large only what we ourselves put there is kept. */
function lighter(failure: AttemptFailure): AttemptFailure {
  if (failure.details === undefined || Buffer.byteLength(JSON.stringify(failure.details)) <= ANSWER_RESULT_BYTES_MAX) return failure;
  const { name, stack } = (isObject(failure.details) ? failure.details : {}) as Record<string, Json | undefined>;
  return { ...failure, details: { ...(name !== undefined && { name }), ...(stack !== undefined && { stack }) } };
}
