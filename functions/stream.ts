// The table's stream: the feed, the counters, the bus. What fails comes again from there on.
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { Relay } from "../shared/adapters/aws/dynamodb/index.ts";
import { EventBus } from "../shared/adapters/aws/events/bus.ts";
import { configuration, dynamo, needed, once, patience, payloads } from "./runtime.ts";

const relay = once(() => new Relay({ client: dynamo(), tableName: needed("table"), payloads: payloads() }));
const bus = once(() => new EventBus({ client: new EventBridgeClient(patience), busName: needed("bus"), publish: configuration().publish }));

export async function handler({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const { events, failed } = await relay().take(Records);
  const refused = await bus().publish(events);
  if (refused.length > 0) throw new Error(`the bus refused ${refused.length} events, the first is ${refused[0]}`);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
