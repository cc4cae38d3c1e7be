// The table as stacks and tests create it.
import { CreateTableCommand, waitUntilTableExists, type CreateTableCommandInput, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** Index, its partition attribute, its sort attribute. Keys only: what they name is read again. */
const indexes = [
  ["byAll", "allPk", "uid"],
  ["byState", "statePk", "uid"],
  ["byBatch", "batchPk", "uid"],
  ["byRun", "runPk", "uid"],
  ["byName", "namePk", "uid"],
  ["byFunction", "functionPk", "uid"],
  ["byTime", "timePk", "timeSk"],
  ["byFeed", "feedPk", "eid"],
] as const;

export type IndexName = (typeof indexes)[number][0];

export const indexKeys = Object.fromEntries(indexes.map(([name, pk, sk]) => [name, { pk, sk }])) as Record<
  IndexName,
  { pk: string; sk: string }
>;

/** Items whose `ttl` (in seconds) has passed may be removed by DynamoDB, days later. */
export const TTL_ATTRIBUTE = "ttl";

const attributes = ["pk", "sk", ...new Set(indexes.flatMap(([, pk, sk]) => [pk, sk]))];

/** Everything but the name. Events are projected whole into their feed; nothing else is. */
export const tableDefinition = {
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
  AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
  GlobalSecondaryIndexes: indexes.map(([IndexName, pk, sk]) => ({
    IndexName,
    KeySchema: [{ AttributeName: pk, KeyType: "HASH" as const }, { AttributeName: sk, KeyType: "RANGE" as const }],
    Projection: { ProjectionType: IndexName === "byFeed" ? ("ALL" as const) : ("KEYS_ONLY" as const) },
  })),
} satisfies Omit<CreateTableCommandInput, "TableName">; // prettier-ignore

export async function createTable(client: DynamoDBClient, tableName: string): Promise<void> {
  await client.send(new CreateTableCommand({ TableName: tableName, ...tableDefinition }));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName: tableName });
}
