// What DynamoDB asks to be tried again: throttling, and transactions that met on one item.
import { setTimeout as wait } from "node:timers/promises";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";

const TRIES = 12;
const FIRST_WAIT_MS = 8;
const LONGEST_WAIT_MS = 1000;

const passing: ReadonlySet<string> = new Set([
  "TransactionConflictException", "TransactionInProgressException", "ThrottlingException", "ProvisionedThroughputExceededException",
  "RequestLimitExceeded", "InternalServerError", "LimitExceededException",
]); // prettier-ignore
const passingReasons: ReadonlySet<string> = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "None"]);

function isPassing(error: unknown): boolean {
  if (error instanceof TransactionCanceledException)
    return (error.CancellationReasons ?? []).every(({ Code }) => passingReasons.has(Code ?? "None"));
  return error instanceof Error && passing.has(error.name);
}

/** For what a batch left undone: at once would only be throttled again. */
export const breather = (): Promise<void> => wait(Math.random() * FIRST_WAIT_MS * 16);

/** Full jitter: writers that met once must not meet again. The last error is thrown. */
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
