// An execution of the Standard machine failed, was stopped or timed out: a hint that its attempt may have ended without a word.
import type { EventBridgeEvent } from "aws-lambda";
import { executionOutcome, type ExecutionStatusChange } from "../shared/adapters/aws/states/status-change.ts";
import { settleAttempt } from "../shared/engine/remote/settle.ts";
import { engine } from "./runtime.ts";

const context = engine();

export async function handler({ detail }: EventBridgeEvent<string, ExecutionStatusChange>): Promise<void> {
  const ended = executionOutcome(detail);
  if (ended) await settleAttempt(context, ended);
  await context.settled();
}
