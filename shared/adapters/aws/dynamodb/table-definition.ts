// The table as stacks and tests create it.
import { CreateTableCommand, waitUntilTableExists, type CreateTableCommandInput, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Index, its partition attribute, its sort attribute. Keys only: what they name is read again. */
const indexes = [
  ["byAll", "allPk", "pk"],
  ["byOpen", "openPk", "pk"],
  ["byBatch", "batchPk", "pk"],
  ["byRun", "runPk", "pk"],
  ["byName", "namePk", "pk"],
  ["byFunction", "functionPk", "pk"],
  ["byTime", "timePk", "timeSk"],
] as const;

export type IndexName = (typeof indexes)[number][0];

export const indexKeys = Object.fromEntries(indexes.map(([name, pk, sk]) => [name, { pk, sk }])) as Record<
  IndexName,
  { pk: string; sk: string }
>;

/** Items whose `ttl` (in seconds) has passed may be removed by DynamoDB, days later. */
export const TTL_ATTRIBUTE = "ttl";

/** What the relay (relay.ts) reads. */
export const STREAM_VIEW = "NEW_AND_OLD_IMAGES";

/** Only changes of these items tell something: filters of whatever feeds the relay. Its own writes are not among them. */
export const streamFilters = [
  { dynamodb: { Keys: { sk: { S: ["A#JOB", "GROUP", "KEY"] } } } },
  { dynamodb: { Keys: { pk: { S: ["WORKFLOWS"] } } } },
] as const;

const attributes = [...new Set(["pk", "sk", ...indexes.flatMap(([, pk, sk]) => [pk, sk])])];

/** Everything but the name and the `ttl`. */
export const tableDefinition = {
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
  AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
  GlobalSecondaryIndexes: indexes.map(([IndexName, pk, sk]) => ({
    IndexName,
    KeySchema: [{ AttributeName: pk, KeyType: "HASH" as const }, { AttributeName: sk, KeyType: "RANGE" as const }],
    Projection: { ProjectionType: "KEYS_ONLY" as const },
  })),
  StreamSpecification: { StreamEnabled: true, StreamViewType: STREAM_VIEW },
} satisfies Omit<CreateTableCommandInput, "TableName">; // prettier-ignore

export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await client.send(new CreateTableCommand({ TableName: tableName, ...tableDefinition }));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName: tableName });
}
