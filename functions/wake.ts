// Times within 15 minutes come back as delayed messages.
import { WakeMessage } from "../shared/adapters/aws/sqs/handover.ts";
import { lookAgain } from "../shared/engine/remote/look-again.ts";
import { sqsHandler } from "./messages.ts";
import { engine } from "./runtime.ts";

const context = engine();

export const handler = sqsHandler(WakeMessage, async ({ job }) => {
  await lookAgain(context, job);
  await context.settled();
});
