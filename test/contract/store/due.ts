import { expect } from "vitest";
import { due } from "../../../shared/domain/begin.ts";
import { LANE, NOW, numbered } from "./given.ts";
import { eventually, type Promised } from "./promise.ts";
import { change, complete, idsOf, jobOf, submit, take } from "./steps.ts";
import type { Store } from "../../../shared/ports/store.ts";

const dueIds = async (store: Store, now: number, max = 10) => (await store.due(now, max)).map(({ id }) => id);

export function duePromises(promise: Promised): void {
  promise("nothing is due where nothing waits for a point in time", async (store) => {
    await submit(store, "a");
    expect([await store.due(NOW + 1e9, 5), await store.nextDueAt()]).toEqual([[], null]);
  });

  promise("jobs fall due at their time, the longest overdue first", async (store) => {
    await submit(store, "later", { notBefore: NOW + 300 });
    await submit(store, "expires", { expiresAt: NOW + 200 });
    await submit(store, "soon", { notBefore: NOW + 100 });
    await submit(store, "deadline", { deadlineAt: NOW + 250, autoStart: false });
    await eventually(async () => {
      expect(await store.nextDueAt()).toBe(NOW + 100);
      expect(await dueIds(store, NOW + 99)).toEqual([]);
      expect(await dueIds(store, NOW + 100)).toEqual(["soon"]);
      expect(await dueIds(store, NOW + 999)).toEqual(["soon", "expires", "deadline", "later"]);
      expect(await dueIds(store, NOW + 999, 2)).toEqual(["soon", "expires"]);
    });
  });

  promise("a job that was looked at is due no more, and gets its turn", async (store) => {
    await submit(store, "a", { notBefore: NOW + 100 });
    await submit(store, "b", { expiresAt: NOW + 100, autoStart: false });
    for (const id of ["a", "b"]) await change(store, id, (job) => due(job, NOW + 100));
    await eventually(async () => expect([await dueIds(store, NOW + 999), await store.nextDueAt()]).toEqual([[], null]));
    expect((await jobOf(store, "b")).endReason).toMatchObject({ code: "expired" });
    expect(idsOf(await take(store))).toEqual(["a"]);
  });

  promise("an attempt is never due: it has its lease, and is found among the turns", async (store) => {
    await submit(store, "a", { deadlineAt: NOW + 50 });
    await eventually(async () => expect(await dueIds(store, NOW + 60)).toEqual(["a"]));
    await store.takeTurns({ lanes: [{ lane: LANE, max: 1 }], now: NOW, leaseUntil: NOW + 60, announce: false });
    await eventually(async () => expect([await dueIds(store, NOW + 60), await store.nextDueAt()]).toEqual([[], null]));
    await eventually(async () => expect((await store.unfinishedTurns({ limit: 5 })).items).toMatchObject([{ leaseUntil: NOW + 60 }]));
    await complete(store, "a");
    await eventually(async () => expect((await store.unfinishedTurns({ limit: 5 })).items).toEqual([]));
  });

  promise("many due jobs are answered in bounded steps", async (store) => {
    for (const [index, id] of numbered("j", 12).entries()) await submit(store, id, { notBefore: NOW + 1 + index });
    await eventually(async () => expect(await dueIds(store, NOW + 99, 5)).toEqual(numbered("j", 5)));
  });
}
