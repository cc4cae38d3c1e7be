// The end of an attempt, as the state machine tells it: what its Lambda answered, or why there is no answer.
import { outcomeOf, SettleInput } from "../shared/adapters/aws/states/ended.ts";
import { settleAttempt, type Next } from "../shared/engine/remote/settle.ts";
import { engine } from "./runtime.ts";

const context = engine();

export async function handler(event: unknown): Promise<Next> {
  const input = SettleInput.parse(event);
  const { outcome, logs, progress } = await outcomeOf(input, context.platform.storage);
  const ref = { job: input.job, attemptId: input.attemptId, number: input.attempt };
  if (logs) await context.platform.storage.appendLog(ref, logs.from, logs.records);
  const next = await settleAttempt(context, { ...ref, outcome, progress });
  await context.settled();
  return next;
}
