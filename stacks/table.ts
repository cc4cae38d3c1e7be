// One table for everything that is stored; its access patterns are in shared/adapters/aws/dynamodb/keys.ts.
import { names } from "../shared/names.ts";

export function jobsTable() {
  return new sst.aws.Dynamo(names.table, {
    fields: { pk: "string", sk: "string", gsi1pk: "string", gsi1sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    globalIndexes: { gsi1: { hashKey: "gsi1pk", rangeKey: "gsi1sk" } },
    stream: "new-image",
    ttl: "expiresAt",
    deletionProtection: $app.stage === "production",
    transform: { table: { pointInTimeRecovery: { enabled: true } } },
  });
}
