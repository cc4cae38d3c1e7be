// Texts that no item of DynamoDB holds: they lie in a bucket, and whoever reads the job does not notice.
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, test } from "vitest";
import type { DynamoStore } from "../../shared/adapters/aws/dynamodb/index.ts";
import { S3Payloads } from "../../shared/adapters/aws/s3/payloads.ts";
import { settled } from "../../shared/domain/attempt.ts";
import { openDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { startMiniStack } from "../support/ministack.ts";
import { aGraph, aGroup, aKey, aRecord } from "./store/given.ts";
import { allOf, eventually } from "./store/promise.ts";
import { aPlainRecord, completePlain, submitPlain } from "./store/plain.ts";
import { decided, jobOf, retry, submit, submitted, take } from "./store/steps.ts";

const local = await startDynamoDbLocal();
const emulator = local && (await startMiniStack());
afterAll(async () => {
  await local?.stop();
  await emulator?.stop();
});

/** As large as the API takes bodies. */
const huge = (letter: string): string => JSON.stringify(letter.repeat(5_000_000));
const large = (letter: string): string => JSON.stringify(letter.repeat(70_000));

async function inBucket(check: (store: DynamoStore, keys: () => Promise<string[]>) => Promise<void>): Promise<void> {
  const Bucket = await emulator!.bucket();
  const { store, close } = await openDynamoStore(local!.client, {
    hasRelay: false, ttlGraceMs: 0, payloads: new S3Payloads(emulator!.s3, Bucket),
  }); // prettier-ignore
  const keys = async () => ((await emulator!.s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key!);
  await check(store, keys);
  await close();
}

describe.skipIf(emulator === null)("large texts on DynamoDB and S3", () => {
  test("params and a result of 5 MB come back as they were, and go with their job", () =>
    inBucket(async (store, keys) => {
      const id = await submitPlain(store, { params: huge("p"), retentionMs: 0 });
      expect((await store.job(id))!.params).toBe(huge("p"));
      await completePlain(store, id, huge("r"));
      expect(await keys()).toEqual([expect.stringMatching(/^jobs\/\w{26}\/params-/), expect.stringMatching(/^jobs\/\w{26}\/result-/)]);
      await submit(store, "parent", { createdAt: Date.now(), spec: large("s") });
      expect((await store.job("parent"))!.spec).toBe(large("s"));
      await eventually(async () => expect(await store.sweep(Date.now() + 9, 5)).toEqual([id]));
      expect(await keys()).toHaveLength(1);
    }));

  test("a turn and a dependant get them whole", () =>
    inBucket(async (store) => {
      await submit(store, "parent", { createdAt: Date.now(), params: large("p") });
      await submit(store, "child", { createdAt: Date.now(), after: ["parent"] });
      expect(await take(store, 1, { now: Date.now() })).toMatchObject([{ job: { id: "parent" }, spec: "{}", params: large("p") }]);
      await completePlain(store, "parent", huge("r"));
      expect(await store.inputs("child")).toMatchObject([{ parent: "parent", result: huge("r") }]);
    }));

  test("of two results of one attempt the first stays, and the other leaves nothing", () =>
    inBucket(async (store, keys) => {
      const id = await submitPlain(store);
      const job = await jobOf(store, id);
      const end = (result: string) =>
        decided(job, (before) => settled(before, { outcome: { result }, startedAt: Date.now(), now: Date.now(), chance: 0 }), result);
      const answers = [await store.commit({ jobs: [end(large("a"))] }), await store.commit({ jobs: [end(large("b"))] })];
      expect(answers.map(({ ok }) => ok)).toEqual([true, false]);
      const both = await Promise.all([store.commit({ jobs: [end(large("c"))] }), store.commit({ jobs: [end(large("d"))] })]);
      expect(both.map(({ ok }) => ok)).toEqual([false, false]);
      expect([(await store.job(id))!.result, (await keys()).length]).toEqual([large("a"), 1]);
    }));

  test("a refused job leaves nothing, and the one that has its id keeps its own", () =>
    inBucket(async (store, keys) => {
      const record = aPlainRecord({ params: large("p") });
      await submitted(store, aGraph([record]));
      const again = aGraph([{ ...record, body: { ...record.body, params: large("q") } }], { key: aKey("k", { answer: large("a") }) });
      expect(await store.submitGraph(again)).toMatchObject({ because: "id_taken" });
      expect([(await store.job(record.job.id))!.params, (await keys()).length]).toEqual([large("p"), 1]);
    }));

  test("answers for idempotency keys, params of runs, workflows and progress may be as large", () =>
    inBucket(async (store) => {
      const key = aKey("k", { answer: large("a"), untilMs: Date.now() + 9999 });
      const group = aGroup("run_1", 1, { params: huge("g") });
      await submitted(store, aGraph([aRecord("a", { createdAt: Date.now(), runId: "run_1" })], { key, group }));
      expect(await store.key("k", Date.now())).toEqual(key);
      expect((await store.group("run_1"))!.group).toEqual(group.group);
      expect((await store.groups({ kind: "run", limit: 5 })).items.map(({ group: found }) => found.params)).toEqual([huge("g")]);
      const workflow = { name: "w", version: 1, createdAt: 1, deletedAt: null, definition: large("w") };
      await store.putWorkflow(workflow, []);
      expect([await store.workflow("w"), (await store.workflows({ limit: 5 })).items]).toEqual([workflow, [workflow]]);
      const [turn] = await take(store, 1, { now: Date.now() });
      const progress = { percent: 5, stage: null, details: { text: large("d") }, at: 1 };
      expect(await store.touch([{ job: "a", attemptId: turn!.job.attemptId!, leaseUntil: 9, progress }])).toEqual([]);
      expect((await store.job("a"))!.progress).toEqual(progress);
    }));

  test("a result of middling size lies in an item of its own, and is gone once the job lives again", () =>
    inBucket(async (store, keys) => {
      const middling = JSON.stringify("m".repeat(30_000));
      const id = await submitPlain(store);
      const job = await jobOf(store, id);
      const error = { code: "user.x", message: "", retryable: false };
      const fail = decided(
        job,
        (before) => settled(before, { outcome: { failure: error }, startedAt: 1, now: Date.now(), chance: 0 }),
        middling,
      );
      expect(await store.commit({ jobs: [fail] })).toMatchObject({ ok: true });
      expect([(await store.job(id))!.result, await keys()]).toEqual([middling, []]);
      await eventually(async () => expect((await store.jobs({ limit: 5 })).items.map(({ result }) => result)).toEqual([middling]));
      await retry(store, id);
      expect((await store.job(id))!.result).toBeNull();
    }));

  test("a page of a list is short before it fills the memory, and the next ones have the rest", () =>
    inBucket(async (store) => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) ids.unshift(await submitPlain(store, { params: huge(String(n)) }));
      await eventually(async () => {
        const { items, next } = await store.jobs({ limit: 50 });
        expect(items.map(({ job }) => job.id)).toEqual(ids.slice(0, 3));
        expect(next).toBeDefined();
      });
      expect((await allOf((page) => store.jobs(page), 50)).map(({ job }) => job.id)).toEqual(ids);
    }));
});
