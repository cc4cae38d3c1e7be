// What is worth trying again: throttling, transactions that met on one item, and requests whose answer never came.
import { setTimeout as wait } from "node:timers/promises";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";

const TRIES = 12;
const FIRST_WAIT_MS = 8;
const LONGEST_WAIT_MS = 1000;
const SERVER_FAULT = 500;

const passing: ReadonlySet<string> = new Set([
  "TransactionConflictException", "TransactionInProgressException", "ThrottlingException", "ProvisionedThroughputExceededException",
  "RequestLimitExceeded", "InternalServerError", "LimitExceededException", "TimeoutError", "RequestTimeout", "NetworkingError",
]); // prettier-ignore
const passingCodes: ReadonlySet<unknown> = new Set([
  "ECONNRESET", "ECONNREFUSED", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN",
]); // prettier-ignore
const passingReasons: ReadonlySet<string> = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "None"]);

function isPassing(error: unknown): boolean {
  if (error instanceof TransactionCanceledException)
    return (error.CancellationReasons ?? []).every(({ Code }) => passingReasons.has(Code ?? "None"));
  if (!(error instanceof Error)) return false;
  const { code, $metadata } = error as Error & { readonly code?: unknown; readonly $metadata?: { readonly httpStatusCode?: number } };
  return passing.has(error.name) || passingCodes.has(code) || ($metadata?.httpStatusCode ?? 0) >= SERVER_FAULT;
}

/** For what a batch left undone: at once would only be throttled again. */
export const breather = (): Promise<void> => wait(Math.random() * FIRST_WAIT_MS * 16);

/**
 * For requests that may be sent twice. Full jitter: writers that met once must not meet again. The last error is thrown.
 */
export async function retried<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (tries >= TRIES || !isPassing(error)) throw error;
      await wait(Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries));
    }
  }
}
