// What a job costs: capacity units of the table and its indexes, as DynamoDB itself counts them.
import { UpdateItemCommand, type ConsumedCapacity, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, describe, expect, test } from "vitest";
import { claimUpdate, jobPk, Relay, type DynamoStore } from "../../shared/adapters/aws/dynamodb/index.ts";
import type { StreamRecord } from "../../shared/adapters/aws/dynamodb/stream-record.ts";
import type { NewGraph } from "../../shared/ports/store.ts";
import { openDynamoStore, payloadsInMemory } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { feedRelay } from "../support/table-stream.ts";
import { aGraph, aGroup, aKey } from "./store/given.ts";
import { aPlainRecord, completePlain, LEASE_MS } from "./store/plain.ts";
import { eventually } from "./store/promise.ts";
import { fail, submitted } from "./store/steps.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

const readers: ReadonlySet<string> = new Set(["GetItemCommand", "BatchGetItemCommand", "QueryCommand"]);

interface Meter {
  readonly client: DynamoDBClient;
  /** Since it was last asked. */
  read(): { writes: number; reads: number; commands: string[] };
}

function metered(client: DynamoDBClient): Meter {
  let [writes, reads, commands]: [number, number, string[]] = [0, 0, []];
  const send = async (command: { input: { ReturnConsumedCapacity?: string } }): Promise<unknown> => {
    command.input.ReturnConsumedCapacity = "INDEXES";
    const answer = await (client.send as (sent: object) => Promise<{ ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] }>).call(client, command); // prettier-ignore
    const units = [answer.ConsumedCapacity ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    const { name } = command.constructor;
    if (readers.has(name)) reads += units;
    else writes += units;
    commands.push(name.replace("Command", ""));
    return answer;
  };
  return {
    client: new Proxy(client, { get: (target, name) => (name === "send" ? send : (Reflect.get(target, name) as unknown)) }),
    read: () => {
      const told = { writes, reads, commands };
      [writes, reads, commands] = [0, 0, []];
      return told;
    },
  };
}

/** As long as real ones are. */
const EXECUTION =
  "arn:aws:states:eu-central-1:123456789012:express:switchyard-production-express:att_01KAY0000000000000000000AA:7f3b0c6e-0000-4000-8000-123456789abc";
const SPEC = JSON.stringify({ function: "resize-image", type: "function", executor: "lambda", timeout: "60s" });
const PARAMS = JSON.stringify({ text: "x".repeat(189) });
const BODY = { spec: SPEC, params: PARAMS };

async function claim(client: DynamoDBClient, tableName: string, store: DynamoStore, id: string): Promise<void> {
  const { job } = (await store.job(id))!;
  const uid = (await store.uidOf(id))!;
  const values = {
    ":execution": { S: EXECUTION }, ":at": { S: new Date().toISOString() }, ":lease": { N: String(Date.now() + LEASE_MS) },
    ":attempt": { S: job.attemptId! }, ":starting": { S: "starting" }, ":one": { N: "1" },
  }; // prettier-ignore
  const Key = { pk: { S: jobPk(uid) }, sk: { S: "A#JOB" } };
  await client.send(new UpdateItemCommand({ TableName: tableName, Key, ...claimUpdate, ExpressionAttributeValues: values }));
}

async function givenMeter() {
  const meter = metered(local!.client);
  const { store, tableName, again, close } = await openDynamoStore(local!.client, { hasRelay: false });
  return { meter, plain: store, store: again({ client: meter.client }), tableName, close };
}

/** In turn: submit, claim and settle of the first job. Reads by its id are not counted. */
async function costsOf(graph: NewGraph, end: "completed" | "failed" = "completed") {
  const { meter, plain, store, tableName, close } = await givenMeter();
  const { id } = graph.records[0]!.job;
  await submitted(store, graph);
  const submit = meter.read();
  if (graph.records[0]!.job.state === "starting") await claim(meter.client, tableName, plain, id);
  const claimed = meter.read();
  await store.job(id);
  const byId = meter.read();
  if (end === "completed") await completePlain(store, id, '{"width":800,"height":600}');
  else await fail(store, id, Date.now());
  const settled = meter.read();
  await close();
  const { reads } = byId;
  return { submit, claimed, settled: { ...settled, reads: settled.reads - reads, commands: settled.commands.slice(1) } };
}

describe.skipIf(local === null)("what a job costs on DynamoDB", () => {
  test("a plain job is three writes of one item, eight units in all, and no read", async () => {
    const { submit, claimed, settled } = await costsOf(aGraph([aPlainRecord(BODY)]));
    expect(submit).toEqual({ writes: 4, reads: 0, commands: ["PutItem"] });
    expect(claimed).toEqual({ writes: 1, reads: 0, commands: ["UpdateItem"] });
    expect(settled).toEqual({ writes: 2, reads: 0, commands: ["UpdateItem"] });
    expect(submit.writes + claimed.writes + settled.writes).toBeLessThanOrEqual(8);
  });

  test("a plain job that fails costs two entries of an index more, and its error", async () => {
    const { submit, claimed, settled } = await costsOf(aGraph([aPlainRecord(BODY)]), "failed");
    expect([submit.writes, claimed.writes, settled.writes]).toEqual([4, 1, 4]);
  });

  test("every other kind of job costs no more than it did", async () => {
    const one = (given: Parameters<typeof aPlainRecord>[0], more: Partial<NewGraph> = {}) =>
      aGraph([aPlainRecord({ ...BODY, ...given })], more);
    const kinds: [string, NewGraph, number][] = [
      ["with a name", one({ name: "Resize" }), 8],
      ["with 1.5 KB of params", one({ params: JSON.stringify("x".repeat(1500)) }), 12],
      ["with 3 KB of params", one({ params: JSON.stringify("x".repeat(3000)) }), 19],
      ["with an own id", one({ id: "own" }), 14],
      ["with an idempotency key", one({}, { key: aKey("k", { untilMs: Date.now() + 1000 }) }), 13],
      ["with a tag", one({ tags: ["t"] }), 14],
      ["of a batch", one({ batchId: "bat_1" }, { group: aGroup("bat_1", 1) }), 21],
    ];
    const costs = await Promise.all(
      kinds.map(async ([kind, graph]) => {
        const { submit, claimed, settled } = await costsOf(graph);
        return [kind, submit.writes + claimed.writes + settled.writes] as const;
      }),
    );
    for (const [index, [kind, writes]] of costs.entries()) expect(writes, kind).toBeLessThanOrEqual(kinds[index]![2]);
  });

  test("a plain job's events and what is counted of it cost one write a call of the relay, a note of the time apart", async () => {
    const meter = metered(local!.client);
    const { store, tableName, close } = await openDynamoStore(local!.client, { hasRelay: false });
    const records: StreamRecord[] = [];
    const reader = await feedRelay(local!.client, tableName, { take: async (some) => (records.push(...some), { events: [], failed: [] }) });
    for (const record of [aPlainRecord(BODY), aPlainRecord(BODY)]) {
      await submitted(store, aGraph([record]));
      await claim(local!.client, tableName, store, record.job.id);
      await completePlain(store, record.job.id);
    }
    await eventually(async () => expect(records).toHaveLength(6));
    const relay = new Relay({ client: meter.client, tableName, payloads: payloadsInMemory() });
    const costOf = async (some: readonly StreamRecord[]) => {
      expect(await relay.take(some)).toMatchObject({ failed: [] });
      return meter.read();
    };
    expect(await costOf(records.slice(0, 3))).toMatchObject({ writes: 2, commands: ["Query", "BatchWriteItem", "PutItem"] });
    expect(await costOf(records.slice(3, 6))).toMatchObject({ writes: 1 });
    await reader.stop();
    await close();
  });
});
