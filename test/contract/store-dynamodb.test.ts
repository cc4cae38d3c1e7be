import { afterAll, describe } from "vitest";
import { createTable, DynamoStore } from "../../shared/adapters/aws/dynamodb/index.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { storeContract } from "./store/contract.ts";
import { laggingLists } from "./store/lagging-lists.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

let tables = 0;

async function open() {
  if (local === null) throw new Error("there is no DynamoDB Local");
  const tableName = `store-${++tables}`;
  await createTable(local.client, tableName);
  const store = DynamoStore.open({ client: local.client, tableName, feedLagMs: 0 });
  return { store: laggingLists(store), close: () => store.close() };
}

describe.skipIf(local === null)("dynamodb, with lists that lag", () => storeContract(open, { graphs: 12, sorts: false }));
