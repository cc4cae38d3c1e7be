import { afterAll, describe } from "vitest";
import { openDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { storeContract } from "./store/contract.ts";
import { NOW } from "./store/given.ts";
import { laggingLists } from "./store/lagging-lists.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

async function open() {
  if (local === null) throw new Error("there is no DynamoDB Local");
  const { store, close } = await openDynamoStore(local.client, { now: () => NOW, ttlGraceMs: 0 });
  return { store: laggingLists(store), close };
}

describe.skipIf(local === null)("dynamodb, with lists that lag", () => storeContract(open, { graphs: 12, keepsFeed: true }));
