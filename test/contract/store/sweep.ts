import { expect } from "vitest";
import type { Store } from "../../../shared/ports/store.ts";
import { aGraph, aGroup, aKey, aRecord, NOW, numbered } from "./given.ts";
import { allOf, eventually, type Promised } from "./promise.ts";
import { complete, ended, statesOf, submit, submitted, take } from "./steps.ts";

const KEPT_MS = 1000;
const LATER = NOW + KEPT_MS;

async function givenEnded(store: Store, ids: readonly string[], batchId: string | null = null): Promise<void> {
  await submitted(
    store,
    aGraph(
      ids.map((id) => aRecord(id, { retentionMs: KEPT_MS, batchId })),
      batchId === null ? {} : { group: aGroup(batchId, ids.length) },
    ),
  );
  await take(store);
  for (const id of ids) await complete(store, id, '"left"');
}

/** Lists lag, and so may a sweep: until it has removed what it should, or a bound. */
const sweptAway = (store: Store, now: number, count: number): Promise<string[]> => {
  const removed: string[] = [];
  return eventually(async () => {
    removed.push(...(await store.sweep(now, 3)));
    expect(removed).toHaveLength(count);
    return removed;
  });
};

export function sweepPromises(promise: Promised, keepsFeed: boolean): void {
  promise("a finished job is kept until its retention is over, others for good", async (store) => {
    await givenEnded(store, ["a"]);
    await submit(store, "waits", { retentionMs: 0 });
    await submit(store, "runs", { retentionMs: 0 });
    await take(store, 1);
    expect(await store.sweep(LATER - 1, 10)).toEqual([]);
    expect(await sweptAway(store, LATER, 1)).toEqual(["a"]);
    expect(await store.job("a")).toBeNull();
    expect((await statesOf(store, ["waits", "runs"])).toSorted()).toEqual(["queued", "starting"]);
    await eventually(async () => expect(await store.counts()).toEqual({ queued: 1, starting: 1 }));
  });

  promise("the sweep removes in bounded steps, with everything that hangs on a job", async (store) => {
    await givenEnded(store, numbered("j", 8), "bat_1");
    const first = await eventually(async () => {
      const ids = await store.sweep(LATER, 3);
      expect(ids).toHaveLength(3);
      return ids;
    });
    expect(await store.group("bat_1")).not.toBeNull();
    await sweptAway(store, LATER, 5);
    expect(await store.sweep(LATER, 3)).toEqual([]);
    expect([await store.job(first[0]!), await store.group("bat_1")]).toEqual([null, null]);
    await eventually(async () => {
      expect(await store.jobs({ limit: 5 })).toEqual({ items: [] });
      expect(await store.events({ limit: 5, job: first[0]! })).toEqual({ items: [] });
      if (!keepsFeed) expect(await store.events({ limit: 5 })).toEqual({ items: [] });
      expect(await store.counts()).toEqual({});
    });
  });

  promise("the sweep keeps what somebody still waits for", async (store) => {
    await ended(store, "parent", "completed", { retentionMs: KEPT_MS });
    await submitted(store, aGraph([aRecord("other", { autoStart: false }), aRecord("child", { after: ["parent", "other"] })]));
    await givenEnded(store, ["unneeded"]);
    expect(await sweptAway(store, LATER, 1)).toEqual(["unneeded"]);
    expect((await store.inputs("child")).map(({ parent }) => parent).toSorted()).toEqual(["other", "parent"]);
  });

  promise("an id can be used again once its job is gone, with a history of its own", async (store) => {
    await givenEnded(store, ["a"]);
    await sweptAway(store, LATER, 1);
    await submit(store, "a", { params: '{"new":true}' });
    expect(await store.job("a")).toMatchObject({ job: { state: "queued", version: 1 }, params: '{"new":true}', result: null });
    expect((await store.events({ limit: 9, job: "a" })).items.map(({ seq, type }) => [seq, type])).toEqual([[1, "job.created"]]);
  });

  promise("who follows the events misses none after a sweep", async (store) => {
    await givenEnded(store, ["a"]);
    const last = await eventually(async () => {
      const id = await store.lastEventId();
      expect(id).toBe((await store.events({ limit: 1, job: "a", order: "desc" })).items[0]!.id);
      return id;
    });
    await sweptAway(store, LATER, 1);
    await submit(store, "b", { createdAt: LATER });
    await eventually(async () => expect((await store.events({ limit: 9, after: last })).items.map(({ jobId }) => jobId)).toEqual(["b"]));
  });

  promise("who follows the jobs misses none after a sweep", async (store) => {
    await givenEnded(store, ["a", "b"]);
    const { next } = await eventually(async () => {
      const page = await store.jobs({ limit: 1, order: "asc" });
      expect(page.next).toBeDefined();
      return page;
    });
    await sweptAway(store, LATER, 2);
    await submit(store, "c", { createdAt: LATER });
    await eventually(async () =>
      expect((await allOf((page) => store.jobs({ ...page, after: page.after ?? next, order: "asc" }), 9)).map(({ job }) => job.id)).toEqual(
        ["c"],
      ),
    );
  });

  promise("forgotten keys are free again", async (store) => {
    await submitted(store, aGraph([aRecord("a")], { key: aKey("k", { untilMs: NOW + 1 }) }));
    await store.sweep(LATER, 10);
    expect(await store.key("k", LATER)).toBeNull();
    await submitted(store, aGraph([aRecord("b", { createdAt: LATER })], { key: aKey("k", { untilMs: LATER + 1 }) }));
  });
}
