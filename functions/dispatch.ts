// Granted turns become executions. A turn that has begun or is over is passed by: messages may come twice.
import { SFNClient } from "@aws-sdk/client-sfn";
import { jobPk } from "../shared/adapters/aws/dynamodb/index.ts";
import { TurnMessage } from "../shared/adapters/aws/sqs/handover.ts";
import { Launcher } from "../shared/adapters/aws/states/launcher.ts";
import { launchOf } from "../shared/engine/remote/attempt.ts";
import { settleAttempt } from "../shared/engine/remote/settle.ts";
import { jobLambdaName } from "../shared/names.ts";
import { sqsHandler } from "./messages.ts";
import { deployedFunctions } from "./catalogue.ts";
import { attemptKey } from "./parameters.ts";
import { configuration, engine, needed, once, patience, store } from "./runtime.ts";

const context = engine();
const launcher = once(() => {
  const deployed = new Set(deployedFunctions().map(({ name }) => name));
  const { stage } = configuration();
  return new Launcher({
    client: new SFNClient(patience),
    machines: needed("machines"),
    lambdaOf: (name) => (deployed.has(name) ? jobLambdaName(stage, name) : null),
    apiUrl: needed("apiUrl"),
    attemptKey,
  });
});

export const handler = sqsHandler(TurnMessage, async (turn) => {
  const launch = await launchOf(context, turn);
  if (launch === null) return;
  const failure = "failure" in launch ? launch.failure : await start(launch, turn);
  if (failure) await settleAttempt(context, { ...turn, outcome: { failure } });
  await context.settled();
});

async function start(launch: Exclude<Awaited<ReturnType<typeof launchOf>>, null | { failure: unknown }>, turn: TurnMessage) {
  const uid = store().uidOfRead(launch.task.job) ?? (await store().uidOf(turn.job));
  if (uid === null) return null;
  if (await launcher().start({ ...launch, pk: jobPk(uid), isRepeated: turn.isRepeated ?? false })) return null;
  const message = `The function ${launch.task.spec.function} is no longer deployed.`;
  return { code: "function.unknown", message, retryable: false };
}
