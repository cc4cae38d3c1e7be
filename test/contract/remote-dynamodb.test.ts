import { afterAll, describe } from "vitest";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { openDynamoStore } from "../support/dynamo-store.ts";
import { claimAs } from "./remote/claim.ts";
import { remotePromises } from "./remote/promises.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

describe.skipIf(local === null)("attempts elsewhere, on dynamodb", () =>
  remotePromises(async () => {
    const { store, tableName, close } = await openDynamoStore(local!.client, { hasRelay: false });
    return {
      store,
      close,
      claim: (job, at, leaseUntil) => claimAs("arn:1", { client: local!.client, tableName, store }, job, at, leaseUntil),
    };
  }),
);
