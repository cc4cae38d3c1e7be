import { expect } from "vitest";
import { settled } from "../../../shared/domain/attempt.ts";
import type { Progress } from "../../../shared/domain/progress.ts";
import { NOW } from "./given.ts";
import { eventually, typesOf, type Promised } from "./promise.ts";
import { complete, decided, jobOf, submit, take } from "./steps.ts";

const HALF: Progress = { percent: 50, stage: "loading 🚚", details: { rows: 7 }, at: NOW };

export function touchPromises(promise: Promised): void {
  promise("a beat moves the lease and nothing else", async (store) => {
    await submit(store, "a");
    const [turn] = await take(store);
    expect(await store.touch([{ job: "a", attemptId: turn!.job.attemptId!, leaseUntil: NOW + 500 }])).toEqual([]);
    expect(await jobOf(store, "a")).toEqual({ ...turn!.job, leaseUntil: NOW + 500 });
    expect(await typesOf(store, "a")).toEqual(["job.created"]);
    await eventually(async () => expect((await store.unfinishedTurns({ limit: 5 })).items).toMatchObject([{ leaseUntil: NOW + 500 }]));
  });

  promise("the last progress is shown", async (store) => {
    await submit(store, "a");
    const [turn] = await take(store);
    const attemptId = turn!.job.attemptId!;
    for (const percent of [10, 50]) await store.touch([{ job: "a", attemptId, leaseUntil: null, progress: { ...HALF, percent } }]);
    expect((await store.job("a"))!.progress).toEqual(HALF);
    await complete(store, "a");
    expect((await store.job("a"))!.progress).toEqual(HALF);
  });

  promise("whoever beats for an attempt that is over is told so", async (store) => {
    await submit(store, "a");
    await submit(store, "b");
    const turns = await take(store);
    await complete(store, "a");
    const beats = turns.map(({ job }) => ({ job: job.id, attemptId: job.attemptId!, leaseUntil: NOW + 9, progress: HALF }));
    const stale = await store.touch([
      ...beats,
      { job: "nobody", attemptId: "att_nobody", leaseUntil: null },
      { job: "b", attemptId: "att_old", leaseUntil: 1 },
    ]);
    expect(stale).toEqual([turns[0]!.job.attemptId, "att_nobody", "att_old"]);
    expect(await store.job("a")).toMatchObject({ job: { leaseUntil: null }, progress: null });
    expect(await store.job("b")).toMatchObject({ job: { leaseUntil: NOW + 9 }, progress: HALF });
  });

  promise("a beat doesn't stand in the way of a settle that was decided before it", async (store) => {
    await submit(store, "a");
    const [turn] = await take(store);
    const end = decided(turn!.job, (job) => settled(job, { outcome: { result: "1" }, startedAt: NOW, now: NOW, chance: 0 }));
    await store.touch([{ job: "a", attemptId: turn!.job.attemptId!, leaseUntil: NOW + 500 }]);
    expect(await store.commit({ jobs: [end] })).toMatchObject({ ok: true });
    await eventually(async () => expect(await store.nextDueAt()).toBeNull());
  });
}
