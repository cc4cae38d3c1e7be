// One table for everything that is stored; its access patterns are in shared/adapters/aws/dynamodb/keys.ts.
import { indexKeys, STREAM_VIEW, tableDefinition, TTL_ATTRIBUTE } from "../shared/adapters/aws/dynamodb/table-definition.ts";
import { names } from "../shared/names.ts";
import type { Inputs } from "./inputs.ts";

export const jobsTable = ({ isProduction }: Inputs) =>
  new sst.aws.Dynamo(names.table, {
    fields: Object.fromEntries(tableDefinition.AttributeDefinitions.map(({ AttributeName }) => [AttributeName, "string" as const])),
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: Object.fromEntries(
      Object.entries(indexKeys).map(([name, { pk, sk }]) => [name, { hashKey: pk, rangeKey: sk, projection: "keys-only" as const }]),
    ),
    stream: "new-and-old-images",
    ttl: TTL_ATTRIBUTE,
    deletionProtection: isProduction,
    transform: { table: { pointInTimeRecovery: { enabled: true }, streamViewType: STREAM_VIEW } },
  });
