// One table for everything that is stored; its access patterns are in shared/adapters/aws/dynamodb/keys.ts.
import { indexKeys, tableDefinition, TTL_ATTRIBUTE } from "../shared/adapters/aws/dynamodb/table-definition.ts";
import { names } from "../shared/names.ts";

/** Keys only but for the feed, which is read whole. */
const indexOf = (name: string, hashKey: string, rangeKey: string) =>
  ({ hashKey, rangeKey, projection: name === "byFeed" ? "all" : "keys-only" }) as const;

export function jobsTable() {
  return new sst.aws.Dynamo(names.table, {
    fields: Object.fromEntries(tableDefinition.AttributeDefinitions.map(({ AttributeName }) => [AttributeName, "string" as const])),
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: Object.fromEntries(Object.entries(indexKeys).map(([name, { pk, sk }]) => [name, indexOf(name, pk, sk)])),
    stream: "new-image",
    ttl: TTL_ATTRIBUTE,
    deletionProtection: $app.stage === "production",
    transform: { table: { pointInTimeRecovery: { enabled: true } } },
  });
}
