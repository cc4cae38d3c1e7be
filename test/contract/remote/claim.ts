// An execution's claim, sent as the state machine sends it.
import { ConditionalCheckFailedException, UpdateItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { claimUpdate, jobPk, type DynamoStore } from "../../../shared/adapters/aws/dynamodb/index.ts";
import type { Job } from "../../../shared/domain/job.ts";

export interface ClaimedTable {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly store: DynamoStore;
}

export async function claimAs(execution: string, table: ClaimedTable, job: Job, at: number, leaseUntil: number): Promise<boolean> {
  const uid = await table.store.uidOf(job.id);
  try {
    await table.client.send(
      new UpdateItemCommand({
        TableName: table.tableName,
        Key: { pk: { S: jobPk(uid!) }, sk: { S: "A#JOB" } },
        ...claimUpdate,
        ExpressionAttributeValues: {
          ":execution": { S: execution }, ":at": { S: new Date(at).toISOString() }, ":lease": { N: String(leaseUntil) },
          ":attempt": { S: job.attemptId ?? "" }, ":starting": { S: "starting" }, ":one": { N: "1" },
        }, // prettier-ignore
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
