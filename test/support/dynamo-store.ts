// A store on a table of its own, with a relay on the table's stream.
import { DeleteTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTable, DynamoStore, Relay, type Payloads } from "../../shared/adapters/aws/dynamodb/index.ts";
import { feedRelay, type FedRelay } from "./table-stream.ts";

export interface OpenedDynamoStore {
  readonly store: DynamoStore;
  readonly tableName: string;
  /** The same table by another client, or with other eyes. */
  readonly again: (more: Partial<Parameters<typeof DynamoStore.open>[0]>) => DynamoStore;
  readonly close: () => Promise<void>;
}

export type DynamoStoreGiven = Omit<Partial<Parameters<typeof DynamoStore.open>[0]>, "client" | "tableName"> & {
  /** False = nobody reads the stream. */
  readonly hasRelay?: boolean;
};

let tables = 0;

export async function openDynamoStore(client: DynamoDBClient, given: DynamoStoreGiven = {}): Promise<OpenedDynamoStore> {
  const { hasRelay = true, payloads = payloadsInMemory(), ...options } = given;
  const tableName = `store-${process.pid}-${++tables}`;
  await createTable(client, tableName);
  const again: OpenedDynamoStore["again"] = (more) => DynamoStore.open({ client, tableName, payloads, ...options, ...more });
  const store = again({});
  const stopFeeding = hasRelay
    ? feedOnceAsked(store, () => feedRelay(client, tableName, new Relay({ client, tableName, payloads })))
    : () => Promise.resolve();
  const close = async () => {
    await store.close();
    await stopFeeding();
    await client.send(new DeleteTableCommand({ TableName: tableName }));
  };
  return { store, tableName, again, close };
}

/** Whoever never asks for what the relay makes need not wait for it; whoever asks late is told all the same. */
function feedOnceAsked(store: DynamoStore, feed: () => Promise<FedRelay>): () => Promise<void> {
  let feeding: Promise<FedRelay> | undefined;
  const { events, counts, lastEventId } = store;
  store.events = async (ask) => {
    if (ask.job === undefined) await (feeding ??= feed());
    return events(ask);
  };
  store.counts = async () => {
    await (feeding ??= feed());
    return counts();
  };
  store.lastEventId = async () => {
    await (feeding ??= feed());
    return lastEventId();
  };
  return async () => (await feeding)?.stop();
}

export function payloadsInMemory(): Payloads & { readonly texts: ReadonlyMap<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    put: async (key, text) => void texts.set(key, text),
    get: async (key) => texts.get(key) ?? null,
    removeAll: async (prefix) => {
      for (const key of texts.keys()) if (key.startsWith(prefix)) texts.delete(key);
    },
  };
}
