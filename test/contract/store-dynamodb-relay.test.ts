// The relay: from the table's stream to the feed of all events and the counts of all jobs, whatever way the records come.
import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { _Record } from "@aws-sdk/client-dynamodb-streams";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Relay, type DynamoStore, type Payloads } from "../../shared/adapters/aws/dynamodb/index.ts";
import { changeOf } from "../../shared/adapters/aws/dynamodb/stream-record.ts";
import { streamFilters } from "../../shared/adapters/aws/dynamodb/table-definition.ts";
import type { StoredEvent } from "../../shared/domain/history.ts";
import { openDynamoStore, payloadsInMemory, type OpenedDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { throttled, unanswered } from "../support/faulty.ts";
import { feedRelay } from "../support/table-stream.ts";
import { aGraph, aGroup, aRecord } from "./store/given.ts";
import { allOf, eventsOf, eventually } from "./store/promise.ts";
import { aPlainRecord, completePlain, startPlain, submitPlain } from "./store/plain.ts";
import { fail, submit, submitted } from "./store/steps.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

interface Given {
  readonly opened: OpenedDynamoStore;
  readonly store: DynamoStore;
  readonly payloads: Payloads & { readonly texts: ReadonlyMap<string, string> };
  readonly relay: (client?: DynamoDBClient, more?: { payloads?: Payloads; feedRetentionMs?: number }) => Relay;
  /** All that the stream has told so far, in order. */
  readonly records: () => Promise<_Record[]>;
}

async function onTable(check: (given: Given) => Promise<void>): Promise<void> {
  const payloads = payloadsInMemory();
  const opened = await openDynamoStore(local!.client, { hasRelay: false, payloads, ttlGraceMs: 0 });
  const { store, tableName, close } = opened;
  const told: _Record[] = [];
  const reader = await feedRelay(local!.client, tableName, {
    take: async (some) => (told.push(...(some as _Record[])), { events: [], failed: [] }),
  });
  // A last write that nothing else is behind: once it is told, everything is.
  let marks = 0;
  const records = async () => {
    const mark = `mark-${++marks}`;
    await local!.client.send(new PutItemCommand({ TableName: tableName, Item: { pk: { S: mark }, sk: { S: mark } } }));
    return eventually(async () => {
      expect(told.at(-1)?.dynamodb?.Keys?.pk?.S).toBe(mark);
      return [...told];
    });
  };
  const relay: Given["relay"] = (client = local!.client, more = {}) => new Relay({ client, tableName, payloads, ...more });
  await check({ opened, store, payloads, relay, records });
  await reader.stop();
  await close();
}

/** Three lives, and a group: 10 events. */
async function givenLife(store: DynamoStore): Promise<string[]> {
  const [done, failed, open] = [await submitPlain(store), await submitPlain(store), await submitPlain(store)];
  await startPlain(store, done);
  await completePlain(store, done);
  await fail(store, failed, Date.now());
  await submitted(store, aGraph([aRecord("of-batch", { batchId: "bat_1", autoStart: false })], { group: aGroup("bat_1", 1) }));
  return [done, failed, open, "of-batch"];
}

const COUNTS = { completed: 1, failed: 1, starting: 1, created: 1 };
const allEvents = (store: DynamoStore): Promise<StoredEvent[]> => allOf((page) => store.events(page), 3);
const idsOf = (events: readonly StoredEvent[]): string[] => events.map(({ id }) => id).toSorted();
const shuffled = <T>(items: readonly T[]): T[] =>
  items.map((item) => [Math.random(), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item); // prettier-ignore

async function historyOf(store: DynamoStore, ids: readonly string[]): Promise<StoredEvent[]> {
  return (await Promise.all(ids.map((id) => eventsOf(store, id)))).flat();
}

describe.skipIf(local === null)("the relay on DynamoDB's stream", () => {
  test("tells every event once, as its job's history has it, and counts every job", () =>
    onTable(async ({ store, relay, records }) => {
      const ids = await givenLife(store);
      const { events, failed } = await relay().take(await records());
      expect(failed).toEqual([]);
      const all = await allEvents(store);
      expect(all).toEqual(events);
      const groups = all.filter(({ jobId }) => jobId === null);
      expect(groups).toMatchObject([{ type: "batch.created", batchId: "bat_1", seq: 1 }]);
      expect(idsOf(all.filter(({ jobId }) => jobId !== null))).toEqual(idsOf(await historyOf(store, ids)));
      expect([await store.counts(), await store.lastEventId()]).toEqual([COUNTS, all.at(-1)!.id]);
    }));

  test("tells and counts nothing twice that comes twice, also where another process told it, and gives it to the bus again", () =>
    onTable(async ({ store, relay, records }) => {
      await givenLife(store);
      const [all, first] = [await records(), relay()];
      const { events } = await first.take(all);
      for (const again of [first, relay()]) {
        expect((await again.take(all)).events).toEqual(events);
        expect((await again.take(all.slice(3, 7))).failed).toEqual([]);
      }
      expect(await allEvents(store)).toEqual(events);
      expect(await store.counts()).toEqual(COUNTS);
    }));

  test("does no harm if records come in any order, in any portions, doubled, to several at once", () =>
    onTable(async ({ store, relay, records }) => {
      await givenLife(store);
      const all = await records();
      const portions = shuffled([...all, ...all]).reduce<_Record[][]>((parts, record, index) => {
        (parts[Math.floor(index / 4)] ??= []).push(record);
        return parts;
      }, []);
      const relays = [relay(), relay(), relay()];
      await Promise.all(portions.map((portion, index) => relays[index % relays.length]!.take(portion)));
      const told = await allEvents(store);
      expect(idsOf(told)).toEqual(idsOf(all.flatMap((record) => changeOf(record).events)));
      expect(await store.counts()).toEqual(COUNTS);
    }));

  test("is missed by nobody who follows, though it comes hours after others, and whoever goes on elsewhere", () =>
    onTable(async ({ opened, store, relay, records }) => {
      const early = await submitPlain(store, { createdAt: Date.now() - 7_200_000 });
      const shards = [await records()];
      const late = await submitPlain(store);
      shards.push((await records()).slice(shards[0]!.length));
      await relay().take(shards[1]!);
      const cursor = (await store.events({ limit: 1 })).items[0]!.id;
      expect(await store.events({ limit: 9, after: cursor })).toEqual({ items: [] });
      await relay().take(shards[0]!);
      for (const reader of [store, opened.again({})]) {
        const { items } = await reader.events({ limit: 9, after: cursor });
        expect(items.map(({ jobId }) => jobId)).toEqual([early]);
        expect(await reader.events({ limit: 9, after: items[0]!.id })).toEqual({ items: [] });
        expect((await reader.events({ limit: 1, after: items[0]!.id, order: "desc" })).items.map(({ jobId }) => jobId)).toEqual([late]);
      }
    }));

  test("lets whoever follows from an event that is not told yet see everything of its time", () =>
    onTable(async ({ store, relay, records }) => {
      const [one, other] = [await submitPlain(store), await submitPlain(store)];
      const [, event] = [await eventsOf(store, one), (await eventsOf(store, other))[0]!];
      await relay().take((await records()).filter(({ dynamodb }) => dynamodb?.Keys?.pk?.S === `J#${one.slice(4)}`));
      expect((await store.events({ limit: 9, after: event.id })).items.map(({ jobId }) => jobId)).toEqual([one]);
    }));

  test("loses nothing to the filters of its stream: what they keep from it tells nothing", () =>
    onTable(async ({ store, relay, records }) => {
      await givenLife(store);
      await store.putWorkflow({ name: "w", version: 1, createdAt: 1, deletedAt: null, definition: "{}" }, [{ type: "workflow.updated", data: { name: "w", version: 1 } }]); // prettier-ignore
      await relay().take(await records());
      const all = await records();
      const passes = ({ dynamodb }: _Record) =>
        streamFilters.some(({ dynamodb: { Keys } }) =>
          Object.entries(Keys).every(([name, { S }]) => (S as readonly string[]).includes(dynamodb!.Keys![name]!.S!)),
        );
      const kept = all.filter(passes);
      expect(kept.length).toBeLessThan(all.length);
      expect(kept.flatMap((record) => changeOf(record).events)).toEqual(await allEvents(store));
      for (const record of all.filter((one) => !passes(one)))
        expect(changeOf(record)).toMatchObject({ events: [], from: null, to: null, forgotten: null });
    }));

  test("gives back a record that it cannot read, and tells the others", () =>
    onTable(async ({ store, relay, records }) => {
      await givenLife(store);
      const all = await records();
      const broken = { eventID: "broken", dynamodb: { SequenceNumber: "7", Keys: { pk: { S: "J#x" }, sk: { S: "A#JOB" } }, NewImage: { pk: { S: "J#x" }, data: { S: "{" } } } }; // prettier-ignore
      const error = vi.spyOn(console, "error").mockImplementation(() => {});
      expect((await relay().take([...all.slice(0, 2), broken, ...all.slice(2)])).failed).toEqual(["7"]);
      expect(error).toHaveBeenCalledOnce();
      error.mockRestore();
      expect(await store.counts()).toEqual(COUNTS);
    }));

  for (const [how, faulty] of Object.entries({ refused: throttled, "answered to nobody": unanswered })) {
    test(`tells everything once although each of its requests is ${how} at first`, () =>
      onTable(async ({ store, relay, records }) => {
        await givenLife(store);
        const all = await records();
        const one = relay(faulty(local!.client).client);
        for (const portion of [all.slice(0, 4), all.slice(4)]) expect((await one.take(portion)).failed).toEqual([]);
        expect(await allEvents(store)).toEqual(all.flatMap((record) => changeOf(record).events));
        expect(await store.counts()).toEqual(COUNTS);
      }));
  }

  test("tells events of any size, in several items if need be", () =>
    onTable(async ({ store, relay, records }) => {
      const noise = Array.from({ length: 9 }, () => Array.from({ length: 1000 }, () => Math.random().toString(36)).join(""));
      const jobs = await Promise.all(
        noise.map(async (details) => {
          const record = aPlainRecord();
          await submitted(store, aGraph([record]));
          const error = { code: "user.x", message: "", retryable: false, details: { details: details.repeat(4).slice(0, 60_000) } };
          const { job } = record;
          const write = { job: { ...job, version: 2 }, facts: [{ type: "job.failed" as const, data: { attempt: 1, error } }], before: job };
          expect(await store.commit({ jobs: [write] })).toMatchObject({ ok: true });
          return job.id;
        }),
      );
      const { events } = await relay().take(await records());
      expect(events).toHaveLength(2 * jobs.length);
      expect(await allEvents(store)).toEqual(events);
    }));
});

describe.skipIf(local === null)("jobs that DynamoDB forgets", () => {
  const forget = (TableName: string, id: string) =>
    local!.client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: `J#${id.slice(4)}` }, sk: { S: "A#JOB" } } }));
  const itemsOf = async (TableName: string, id: string): Promise<number> => {
    const ask = { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: `J#${id.slice(4)}` } } };
    return (await local!.client.send(new QueryCommand({ TableName, ...ask }))).Count!;
  };

  test("take with them what hangs on them, and are counted no more", () =>
    onTable(async ({ opened: { tableName }, store, payloads, relay, records }) => {
      const long = JSON.stringify("x".repeat(100_000));
      const id = await submitPlain(store, { params: JSON.stringify("p".repeat(5000)) });
      const other = await submitPlain(store, { params: long });
      for (const one of [id, other]) await completePlain(store, one, JSON.stringify("r".repeat(20_000)));
      for (const one of [id, other]) await forget(tableName, one);
      expect([await itemsOf(tableName, id), await itemsOf(tableName, other), payloads.texts.size]).toEqual([2, 1, 1]);
      await relay().take(await records());
      expect([await itemsOf(tableName, id), await itemsOf(tableName, other), payloads.texts.size]).toEqual([0, 0, 0]);
      expect(await store.counts()).toEqual({});
    }));

  test("leave alone a job that has their id again", () =>
    onTable(async ({ opened: { tableName }, store, relay, records }) => {
      const record = aPlainRecord({ params: JSON.stringify("p".repeat(5000)) });
      await submitted(store, aGraph([record]));
      await forget(tableName, record.job.id);
      await submitted(store, aGraph([record]));
      const before = await store.job(record.job.id);
      await relay().take(await records());
      expect(await store.job(record.job.id)).toEqual(before);
    }));

  test("are given back if what hangs on them cannot be removed, and taken the next time", () =>
    onTable(async ({ opened: { tableName }, store, payloads, relay, records }) => {
      const id = await submitPlain(store, { params: JSON.stringify("x".repeat(100_000)) });
      await completePlain(store, id);
      await forget(tableName, id);
      const all = await records();
      const removed = all.find(({ eventName }) => eventName === "REMOVE")!.dynamodb!.SequenceNumber;
      const away = { ...payloads, removeAll: () => Promise.reject(new Error("the bucket is away")) };
      const error = vi.spyOn(console, "error").mockImplementation(() => {});
      const one = relay(local!.client, { payloads: away });
      expect((await one.take(all)).failed).toEqual([removed]);
      error.mockRestore();
      expect(await store.counts()).toEqual({ completed: 1 });
      expect((await relay().take(all)).failed).toEqual([]);
      expect([await store.counts(), payloads.texts.size]).toEqual([{}, 0]);
    }));

  test("never take the last word of the feed with them, which tells how many jobs there are", () =>
    onTable(async ({ opened: { tableName }, store, relay, records }) => {
      await submit(store, "a", { createdAt: Date.now() });
      await relay(local!.client, { feedRetentionMs: 86_400_000 }).take(await records());
      const ttl = async () => {
        const { Item } = await local!.client.send(
          new GetItemCommand({ TableName: tableName, Key: { pk: { S: "FEED" }, sk: { S: "000000000000001" } } }),
        );
        return Number(Item!.ttl!.N) * 1000 - Date.now();
      };
      expect(await ttl()).toBeLessThan(90_000_000);
      await store.sweep(Date.now(), 5);
      expect(await ttl()).toBeGreaterThan(20 * 86_400_000);
    }));
});
