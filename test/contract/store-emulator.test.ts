// The same promises on the emulator's DynamoDB, which is another program than Amazon's own: what both keep does not rest on one of them.
import { withEmulator } from "../emulator/emulator.given.ts";
import { openDynamoStore } from "../support/dynamo-store.ts";
import { storeContract } from "./store/contract.ts";
import { NOW } from "./store/given.ts";
import { laggingLists } from "./store/lagging-lists.ts";

withEmulator("dynamodb of the emulator, with lists that lag", ({ clients }) => {
  const open = async () => {
    const { store, close } = await openDynamoStore(clients().dynamodb, { now: () => NOW, ttlGraceMs: 0 });
    return { store: laggingLists(store), close };
  };
  storeContract(open, { graphs: 6, keepsFeed: true });
});
