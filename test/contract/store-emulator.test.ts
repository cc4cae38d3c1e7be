// The same promises on the emulator's DynamoDB, which is another program than Amazon's own: what both keep does not rest on one of them.
import { afterAll, beforeAll, describe } from "vitest";
import { clientsOf, type Clients } from "../emulator/deploy/clients.ts";
import { EMULATOR_MISSING, hasEmulator, startEmulator, type Emulator } from "../emulator/emulator.ts";
import { openDynamoStore } from "../support/dynamo-store.ts";
import { storeContract } from "./store/contract.ts";
import { NOW } from "./store/given.ts";
import { laggingLists } from "./store/lagging-lists.ts";

if (!hasEmulator()) {
  if (process.env.CI === "true") throw new Error(EMULATOR_MISSING);
  console.warn(EMULATOR_MISSING);
}

describe.skipIf(!hasEmulator())("dynamodb of the emulator, with lists that lag", () => {
  let emulator: Emulator;
  let clients: Clients;
  beforeAll(async () => {
    emulator = await startEmulator();
    clients = clientsOf({ endpoint: emulator.url, region: "us-east-1", account: "000000000000" });
  });
  afterAll(() => emulator?.stop());

  const open = async () => {
    const { store, close } = await openDynamoStore(clients.dynamodb, { now: () => NOW, ttlGraceMs: 0 });
    return { store: laggingLists(store), close };
  };
  storeContract(open, { graphs: 6, keepsFeed: true });
});
