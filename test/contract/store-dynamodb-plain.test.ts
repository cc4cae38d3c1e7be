// What a job is on DynamoDB alone: its ids, how it is forgotten, what hangs on it.
import { GetItemCommand, ScanCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { encodeTime } from "ulid";
import { afterAll, describe, expect, test } from "vitest";
import { newId } from "../../shared/domain/ids.ts";
import { openDynamoStore, payloadsInMemory, type DynamoStoreGiven, type OpenedDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { mortal } from "../support/faulty.ts";
import { aGraph, aGroup, aRecord, LANE, numbered } from "./store/given.ts";
import { eventsOf, eventually } from "./store/promise.ts";
import { aPlainRecord, completePlain, startPlain, submitPlain } from "./store/plain.ts";
import { complete, decided, fail, jobOf, retry, submit, submitted, take } from "./store/steps.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

const HOUR = 3_600_000;

async function onTable(given: DynamoStoreGiven, check: (opened: OpenedDynamoStore) => Promise<void>): Promise<void> {
  const opened = await openDynamoStore(local!.client, { hasRelay: false, ...given });
  await check(opened);
  await opened.close();
}

const keysIn = async (client: DynamoDBClient, TableName: string): Promise<string[]> =>
  ((await client.send(new ScanCommand({ TableName }))).Items ?? []).map(({ pk, sk }) => `${pk!.S} ${sk!.S}`).toSorted();

describe.skipIf(local === null)("ids of jobs on DynamoDB", () => {
  test("a plain job is one item, and its id names it", () =>
    onTable({}, async ({ store, tableName }) => {
      const id = await submitPlain(store);
      expect(await keysIn(local!.client, tableName)).toEqual([`J#${id.slice(4)} A#JOB`]);
      expect(await store.uidOf(id)).toBe(id.slice(4));
      expect([await store.uidOf(newId("job")), await store.uidOf("nobody")]).toEqual([null, null]);
    }));

  test("an id as we make them is taken once, also by a graph too large for one transaction, and whoever has it keeps what is his", () =>
    onTable({}, async ({ store, tableName }) => {
      const record = aPlainRecord({ params: JSON.stringify("p".repeat(5000)) });
      await submitted(store, aGraph([record]));
      const before = await store.job(record.job.id);
      const again = aPlainRecord({ id: record.job.id, params: JSON.stringify("q".repeat(5000)) });
      const refused = { ok: false, because: "id_taken", at: record.job.id };
      expect(await store.submitGraph(aGraph([again]))).toEqual(refused);
      const many = numbered("j", 120).map((id) => aRecord(id, { createdAt: Date.now() }));
      expect(await store.submitGraph(aGraph([...many, again]))).toEqual(refused);
      expect(await store.job(record.job.id)).toEqual(before);
      expect((await keysIn(local!.client, tableName)).filter((key) => !key.startsWith("GRAPH"))).toHaveLength(2);
    }));

  test("an own id that looks like ours but tells another time is an own id, and never another job's", () =>
    onTable({}, async ({ store }) => {
      const ours = await submitPlain(store);
      const old = `job_${encodeTime(Date.now() - HOUR, 10)}${ours.slice(-16)}`;
      await submit(store, old, { createdAt: Date.now() });
      expect(await store.uidOf(old)).not.toBe(old.slice(4));
      expect((await jobOf(store, old)).id).toBe(old);
      const uid = await store.uidOf(old);
      expect(await store.job(`job_${uid}`)).toBeNull();
      expect(await store.submitGraph(aGraph([aRecord(`job_${uid}`, { createdAt: Date.now() })]))).toMatchObject({ because: "id_taken" });
      // The job of that id is older than an hour by its id, and by its time: as a user would choose an id that exists.
      expect(await store.submitGraph(aGraph([aRecord(ours, { createdAt: Date.now() + HOUR })]))).toMatchObject({ because: "id_taken" });
    }));
});

describe.skipIf(local === null)("retention on DynamoDB", () => {
  test("a finished plain job is not there any more once its time is over, and its id is free", async () => {
    let now = Date.now();
    await onTable({ now: () => now, hasRelay: true }, async ({ store }) => {
      const id = await submitPlain(store, { retentionMs: HOUR });
      const kept = await submitPlain(store, { retentionMs: 10 * HOUR });
      for (const one of [id, kept]) await completePlain(store, one);
      expect(await store.job(id)).not.toBeNull();
      now += HOUR + 1000;
      expect([await store.job(id), await store.uidOf(id), await eventsOf(store, id)]).toEqual([null, null, []]);
      await eventually(async () => expect((await store.jobs({ limit: 5 })).items.map(({ job }) => job.id)).toEqual([kept]));
      const again = aPlainRecord({ id });
      await submitted(store, aGraph([again]));
      expect(await jobOf(store, id)).toEqual(again.job);
      expect(await eventsOf(store, id)).toHaveLength(1);
    });
  });

  test("what DynamoDB should have forgotten is swept away after a while, with what hangs on it, and the counts follow", async () => {
    const payloads = payloadsInMemory();
    await onTable({ payloads, ttlGraceMs: HOUR, hasRelay: true }, async ({ store, tableName }) => {
      const long = JSON.stringify("x".repeat(100_000));
      const id = await submitPlain(store, { retentionMs: HOUR, params: long });
      const open = await submitPlain(store, { retentionMs: 0 });
      await completePlain(store, id, long);
      expect(payloads.texts.size).toBe(2);
      expect(await store.sweep(Date.now() + 1.5 * HOUR, 5)).toEqual([]);
      await eventually(async () => expect(await store.sweep(Date.now() + 2.5 * HOUR, 5)).toEqual([id]));
      expect(payloads.texts.size).toBe(0);
      const jobs = (await keysIn(local!.client, tableName)).filter((key) => key.startsWith("J#"));
      expect(jobs).toEqual([`J#${open.slice(4)} A#JOB`]);
      await eventually(async () => expect(await store.counts()).toEqual({ starting: 1 }));
    });
  });

  test("a finished job stays for those that came to wait for it, and is forgotten by a sweep then", () =>
    onTable({}, async ({ store, tableName }) => {
      const ttlOf = async (id: string) => {
        const Key = { pk: { S: `J#${id.slice(4)}` }, sk: { S: "A#JOB" } };
        return (await local!.client.send(new GetItemCommand({ TableName: tableName, Key }))).Item!.ttl;
      };
      const [one, other] = [await submitPlain(store), await submitPlain(store)];
      for (const id of [one, other]) await completePlain(store, id);
      expect(await ttlOf(one)).toBeDefined();
      await submit(store, "child", { createdAt: Date.now(), after: [one] });
      await submitted(store, aGraph(numbered("c", 120).map((id) => aRecord(id, { createdAt: Date.now(), after: [other] }))));
      expect([await ttlOf(one), await ttlOf(other)]).toEqual([undefined, undefined]);
      await fail(store, await submitPlain(store));
      const failed = await submitPlain(store);
      await fail(store, failed, Date.now());
      expect(await ttlOf(failed)).toBeDefined();
      await retry(store, failed);
      expect(await ttlOf(failed)).toBeUndefined();
    }));

  test("whoever writes files for a job has them removed with it", async () => {
    const payloads = payloadsInMemory();
    await onTable({ payloads, ttlGraceMs: 0 }, async ({ store }) => {
      const id = await submitPlain(store, { retentionMs: 0 });
      const uid = await store.uidForFiles(id);
      expect(uid).toBe(id.slice(4));
      await payloads.put(`jobs/${uid}/artifacts/1/a.png`, "…");
      await completePlain(store, id);
      await eventually(async () => expect(await store.sweep(Date.now() + HOUR, 5)).toEqual([id]));
      expect([payloads.texts.size, await store.uidForFiles(id)]).toEqual([0, null]);
    });
  });
});

describe.skipIf(local === null)("jobs on DynamoDB", () => {
  test("with many events have them all, in order, and the feed tells each once", () =>
    onTable({ hasRelay: true }, async ({ store }) => {
      await submit(store, "a", { createdAt: Date.now() });
      for (let life = 0; life < 15; life++) {
        await take(store, 1, { now: Date.now() });
        await fail(store, "a", Date.now());
        await retry(store, "a");
      }
      const events = await eventsOf(store, "a");
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 76 }, (_, index) => index + 1));
      expect((await store.events({ job: "a", limit: 3, order: "desc" })).items.map(({ seq }) => seq)).toEqual([76, 75, 74]);
      await eventually(async () => expect((await store.events({ limit: 200 })).items).toEqual(events));
    }));

  test("a settle that was decided on what was read here needs no other read, and one that was decided elsewhere does", () =>
    onTable({}, async ({ again, store: plain }) => {
      const id = await submitPlain(plain);
      const { client, sent } = mortal(local!.client, Infinity);
      const store = again({ client });
      await startPlain(store, id);
      expect(sent).toEqual(["QueryCommand", "UpdateItemCommand"]);
      const copy = structuredClone(decided(await jobOf(plain, id), (job) => ({ job: { ...job, version: job.version + 1 }, facts: [] })));
      expect(await store.commit({ jobs: [copy] })).toMatchObject({ ok: true });
    }));

  test("a list in another order of more jobs than can be read is refused, and says what would help", () =>
    onTable({ sortedMax: 3 }, async ({ store }) => {
      for (const id of numbered("j", 4)) await submit(store, id, { createdAt: Date.now(), ...(id !== "j-003" && { name: "n" }) });
      await eventually(async () => expect((await store.jobs({ limit: 9, name: "n", sort: "priority" })).items).toHaveLength(3));
      for (const query of [{ sort: "name" }, { offset: 1 }, { sort: "priority", states: ["queued"] }] as const) {
        await eventually(() =>
          expect(store.jobs({ limit: 5, ...query })).rejects.toMatchObject({ code: "list.too_broad", message: /Narrow the list by batch/ }),
        );
      }
    }));

  test("a slot that came free while its giver died is given by recovery", () =>
    onTable({}, async ({ store, again }) => {
      await submit(store, "holder", { pool: "p", createdAt: Date.now() });
      await submit(store, "waits", { pool: "p", createdAt: Date.now() });
      await take(store, 1, { now: Date.now() });
      const dying = again({ client: mortal(local!.client, 3).client });
      await expect(complete(dying, "holder")).rejects.toMatchObject({ code: "store.unavailable" });
      expect(await take(store, 1, { now: Date.now() })).toEqual([]);
      await store.unreleased(10);
      expect((await take(store, 1, { now: Date.now() })).map(({ job }) => job.id)).toEqual(["waits"]);
    }));

  test("jobs of a large batch may have their turn already, and come to wait in no lane then", () =>
    onTable({}, async ({ store, tableName }) => {
      const records = Array.from({ length: 130 }, () => aPlainRecord({ batchId: "bat_1" }));
      expect(await store.submitGraph(aGraph(records, { group: aGroup("bat_1", 130) }))).toEqual({ ok: true, queued: [] });
      expect((await store.group("bat_1"))!.tally).toEqual({ starting: 130 });
      expect((await store.takeTurns({ lanes: [{ lane: LANE, max: 5 }], now: Date.now(), leaseUntil: 1, announce: false })).length).toBe(0);
      expect((await keysIn(local!.client, tableName)).filter((key) => /LANE|M#/.test(key))).toEqual([]);
      expect(await jobOf(store, records[77]!.job.id)).toEqual(records[77]!.job);
      await eventually(async () => expect((await store.unfinishedTurns({ limit: 200 })).items).toHaveLength(130));
    }));
});
