// The claim of an attempt: an update that the state machine sends to the table, and what everybody reads afterwards.
import { afterAll, describe, expect, test } from "vitest";
import { settled } from "../../shared/domain/attempt.ts";
import type { DynamoStore } from "../../shared/adapters/aws/dynamodb/index.ts";
import { cancelRequested } from "../../shared/domain/steer.ts";
import { openDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { claimAs } from "./remote/claim.ts";
import { aGroup, aGraph } from "./store/given.ts";
import { eventsOf, eventually, typesOf } from "./store/promise.ts";
import { aPlainRecord, LEASE_MS, submitPlain } from "./store/plain.ts";
import { change, decided, jobOf, submitted } from "./store/steps.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

async function givenJob(check: (given: Given) => Promise<void>): Promise<void> {
  const { client } = local!;
  const { store, tableName, close } = await openDynamoStore(client);
  const id = await submitPlain(store);
  const claim = async (execution: string, at = Date.now()) =>
    claimAs(execution, { client, tableName, store }, await jobOf(store, id), at, at + 2 * LEASE_MS);
  await check({ store, id, claim });
  await close();
}

interface Given {
  readonly store: DynamoStore;
  readonly id: string;
  readonly claim: (execution: string, at?: number) => Promise<boolean>;
}

const end = (now: number) => (job: Parameters<typeof settled>[0]) =>
  settled(job, { outcome: { result: "1" }, startedAt: null, now, chance: 0 });

describe.skipIf(local === null)("the claim of an attempt on DynamoDB", () => {
  test("a claimed job is running since the claim, and its history says so", () =>
    givenJob(async ({ store, id, claim }) => {
      const before = await jobOf(store, id);
      const at = Date.now();
      expect(await claim("one", at)).toBe(true);
      expect(await jobOf(store, id)).toEqual({
        ...before, state: "running", startedAt: at, updatedAt: at, leaseUntil: at + 2 * LEASE_MS, version: before.version + 1,
      }); // prettier-ignore
      expect(await eventsOf(store, id)).toMatchObject([
        { seq: 1, type: "job.created" },
        { seq: 2, type: "job.started", at, data: { attemptId: before.attemptId, attempt: 1, executor: "lambda" } },
      ]);
      await eventually(async () => expect(await store.counts()).toEqual({ running: 1 }));
    }));

  test("of two executions one runs the attempt, and that one may claim again", () =>
    givenJob(async ({ claim }) => {
      const at = Date.now();
      expect([await claim("one", at), await claim("other", at), await claim("one", at)]).toEqual([true, false, true]);
    }));

  test("an attempt that is not the current one, was cancelled or is over cannot be claimed", () =>
    givenJob(async ({ store, id, claim }) => {
      const first = await jobOf(store, id);
      await change(store, id, (job) => cancelRequested(job, Date.now()));
      expect(await claim("one")).toBe(false);
      await change(store, id, (job) => settled(job, { outcome: { stopped: true }, startedAt: null, now: Date.now(), chance: 0 }));
      expect(await claim("one")).toBe(false);
      expect(await jobOf(store, id)).toMatchObject({ state: "cancelled", attemptId: first.attemptId });
    }));

  test("what was decided before the claim is refused, and decided again is written with the start", () =>
    givenJob(async ({ store, id, claim }) => {
      const stale = decided(await jobOf(store, id), end(Date.now()), "1");
      await claim("one");
      expect(await store.commit({ jobs: [stale] })).toEqual({ ok: false, because: "changed" });
      const shown = await eventsOf(store, id);
      await change(store, id, end(Date.now()), "1");
      const stored = await eventsOf(store, id);
      expect(stored.slice(0, 2)).toEqual(shown);
      expect(stored.map(({ type }) => type)).toEqual(["job.created", "job.started", "job.completed"]);
    }));

  test("the feed tells each event once, the start by the claim itself, with the ids of the job's own history", () =>
    givenJob(async ({ store, id, claim }) => {
      await claim("one");
      await eventually(async () => expect((await store.events({ limit: 9 })).items).toEqual(await eventsOf(store, id)));
      await change(store, id, end(Date.now()), "1");
      await eventually(async () => {
        const { items } = await store.events({ limit: 9 });
        expect(items).toEqual(await eventsOf(store, id));
        expect(items).toHaveLength(3);
      });
      await eventually(async () => expect(await store.counts()).toEqual({ completed: 1 }));
    }));

  test("a new attempt is not claimed by the claim of the last one", () =>
    givenJob(async ({ store, id, claim }) => {
      await claim("one");
      const lost = await change(store, id, (job) =>
        settled(job, { outcome: { lost: "gone" }, startedAt: null, now: Date.now(), chance: 0 }),
      );
      expect(lost.queued).toHaveLength(1);
      const [turn] = await store.takeTurns({ lanes: [{ lane: lost.queued[0]!, max: 1 }], now: Date.now(), leaseUntil: 1, announce: false });
      expect(turn!.job).toMatchObject({ state: "starting", attempt: 2, leaseUntil: 1 });
      expect(await jobOf(store, id)).toEqual(turn!.job);
      expect(await claim("two")).toBe(true);
      expect(await typesOf(store, id)).toEqual(["job.created", "job.started", "attempt.lost", "job.queued", "job.started"]);
    }));

  test("a group counts a claimed job as open, and as ended once it has ended", async () => {
    const { client } = local!;
    const { store, tableName, close } = await openDynamoStore(client);
    const record = aPlainRecord({ batchId: "bat_1" });
    await submitted(store, aGraph([record], { group: aGroup("bat_1", 1) }));
    await claimAs("one", { client, tableName, store }, record.job, Date.now(), Date.now() + LEASE_MS);
    expect((await store.group("bat_1"))!.tally).toEqual({ starting: 1 });
    expect((await change(store, record.job.id, end(Date.now()), "1")).idleGroups).toEqual(["bat_1"]);
    expect((await store.group("bat_1"))!.tally).toEqual({ completed: 1 });
    await close();
  });
});
