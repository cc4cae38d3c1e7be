import { expect } from "vitest";
import { aGraph, aGroup, aRecord, LANE, NOW, numbered } from "./given.ts";
import { allOf, eventsOf, eventually, typesOf, type Promised } from "./promise.ts";
import { complete, fail, retry, submit, submitted, take } from "./steps.ts";

export function eventPromises(promise: Promised): void {
  promise("events of a job are numbered without gaps", async (store) => {
    await submit(store, "a", { pool: "p" });
    for (let life = 0; life < 3; life++) {
      await store.takeTurns({ lanes: [{ lane: LANE, max: 1 }], now: NOW, leaseUntil: null, announce: true });
      await fail(store, "a");
      await retry(store, "a");
    }
    const events = await eventsOf(store, "a");
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.length).toBeGreaterThan(12);
  });

  promise("an event tells whose it is, when it was and what happened", async (store) => {
    await submitted(store, aGraph([aRecord("a", { batchId: "bat_1", runId: "run_9" })], { group: aGroup("bat_1", 1) }));
    const [event] = await eventsOf(store, "a");
    expect(event).toMatchObject({
      seq: 1,
      type: "job.created",
      at: NOW,
      jobId: "a",
      batchId: "bat_1",
      runId: "run_9",
      data: { state: "queued" },
    });
    expect(event!.id).toMatch(/^evt_/);
  });

  promise("a job's history is paged in both directions", async (store) => {
    await submit(store, "a");
    await take(store);
    await fail(store, "a");
    await retry(store, "a");
    const types = ["job.created", "job.started", "attempt.failed", "job.failed", "job.retried", "job.queued"];
    const ask = (order: "asc" | "desc") => allOf((page) => store.events({ ...page, job: "a", order }), 2);
    expect((await ask("asc")).map(({ type }) => type)).toEqual(types);
    expect((await ask("desc")).map(({ type }) => type)).toEqual(types.toReversed());
    const { items } = await store.events({ limit: 9, job: "a", types: ["job.failed", "job.queued"] });
    expect(items.map(({ type }) => type)).toEqual(["job.failed", "job.queued"]);
  });

  promise("nobody has no events", async (store) => {
    await submit(store, "a");
    expect(await store.events({ limit: 5, job: "nobody" })).toEqual({ items: [] });
  });

  promise("all events are read in one order, each once, whatever the size of a page", async (store) => {
    const ids = numbered("j", 6);
    for (const id of ids) await submit(store, id);
    await take(store);
    for (const id of ids) await complete(store, id);
    await eventually(async () => {
      const all = await allOf((page) => store.events(page), 4);
      expect(new Set(all.map(({ id }) => id)).size).toBe(18);
      expect(all).toHaveLength(18);
      for (const id of ids) expect(all.filter(({ jobId }) => jobId === id)).toEqual(await eventsOf(store, id));
      expect(await allOf((page) => store.events(page), 100)).toEqual(all);
      expect(await allOf((page) => store.events(page), 5, { order: "desc" })).toEqual(all.toReversed());
      const ends = await allOf((page) => store.events({ ...page, types: ["job.completed"] }), 2);
      expect(ends.map(({ jobId }) => jobId).toSorted()).toEqual(ids);
    });
  });

  promise("who follows from the last event sees what comes after it and nothing before", async (store) => {
    expect(await store.lastEventId()).toBeUndefined();
    await submit(store, "before");
    const last = await eventually(async () => {
      const id = await store.lastEventId();
      expect(id).toBe((await eventsOf(store, "before"))[0]!.id);
      return id;
    });
    await submit(store, "after");
    await eventually(async () => {
      const { items } = await store.events({ limit: 9, after: last });
      expect(items.map(({ jobId, type }) => [jobId, type])).toEqual([["after", "job.created"]]);
    });
  });

  promise("the events of one write stand in the order of each job", async (store) => {
    await submitted(store, aGraph([aRecord("a"), aRecord("b", { after: ["a"] })]));
    await take(store);
    await fail(store, "a");
    await eventually(async () => {
      const events = await allOf((page) => store.events(page), 50);
      const typesIn = (job: string) => events.filter(({ jobId }) => jobId === job).map(({ type }) => type);
      expect(typesIn("a")).toEqual(["job.created", "job.started", "attempt.failed", "job.failed"]);
      expect(typesIn("b")).toEqual(["job.created", "job.cancelled"]);
    });
    expect(await typesOf(store, "b")).toEqual(["job.created", "job.cancelled"]);
  });
}
