/*
 * A transaction of one write needs none: the same write by itself costs half. What a transaction's token would do is done by a
 * change id in the item (`w`): an answer may be lost after the write was applied, the write is sent again, and then its own
 * condition does not hold any more.
 */
import { randomBytes } from "node:crypto";
import {
  ConditionalCheckFailedException, DeleteItemCommand, PutItemCommand, UpdateItemCommand, type DynamoDBClient,
} from "@aws-sdk/client-dynamodb"; // prettier-ignore
import { retried } from "./retry.ts";
import { transactItem, type Write } from "./transaction.ts";
import { unavailable } from "./unavailable.ts";

const ID_BYTES = 9;

/** False if the condition did not hold. */
export async function writeOne(client: DynamoDBClient, tableName: string, write: Write): Promise<boolean> {
  const id = randomBytes(ID_BYTES).toString("base64url");
  const { Put, Update, Delete } = transactItem(tableName, marked(write, id));
  const told = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  try {
    await retried<unknown>(() => {
      if (Put) return client.send(new PutItemCommand({ ...Put, ...told }));
      if (Update) return client.send(new UpdateItemCommand({ ...Update, ...told }));
      if (Delete) return client.send(new DeleteItemCommand({ ...Delete, ...told }));
      throw new Error("a check alone writes nothing");
    });
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw unavailable(error);
    // What is gone is gone, whoever removed it.
    return Delete ? error.Item === undefined : error.Item?.w?.S === id;
  }
}

function marked(write: Write, id: string): Write {
  if ("put" in write) return { ...write, put: { ...write.put, w: id } };
  return "changes" in write ? { ...write, changes: { ...write.changes, set: { ...write.changes.set, w: id } } } : write;
}
