// Every few minutes.
import { drainDeadLetters } from "../shared/adapters/aws/sqs/dead-letters.ts";
import { lookAgain } from "../shared/engine/remote/look-again.ts";
import { recover } from "../shared/engine/remote/recover.ts";
import { settleAttempt } from "../shared/engine/remote/settle.ts";
import { engine, needed, sqs } from "./runtime.ts";

const context = engine();

export async function handler(): Promise<{ readonly removed: number; readonly drained: number }> {
  const drained = await drainDeadLetters({
    client: sqs(),
    urls: needed("deadLetters"),
    lostTurn: async ({ job, attemptId }) => {
      await settleAttempt(context, { job, attemptId, outcome: { lost: "Its turn could not be begun, however often it was tried." } });
    },
    missedTime: (job) => lookAgain(context, job),
  });
  return { ...(await recover(context)), drained };
}
