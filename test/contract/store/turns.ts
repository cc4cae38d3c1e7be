import { expect } from "vitest";
import { executorLane } from "../../../shared/domain/job.ts";
import { aGraph, aRecord, LANE, NOW, numbered } from "./given.ts";
import { eventually, typesOf, type Promised } from "./promise.ts";
import { cancel, idsOf, jobOf, pause, resume, statesOf, submit, submitted, take } from "./steps.ts";

export function turnPromises(promise: Promised): void {
  promise("a job is claimed by exactly one of two askers", async (store) => {
    await submit(store, "a");
    const [one, other] = await Promise.all([take(store, 1), take(store, 1)]);
    expect([...one, ...other].map(({ job }) => job.id)).toEqual(["a"]);
    expect(await jobOf(store, "a")).toMatchObject({ state: "starting", attempt: 1 });
  });

  promise("every one of 40 jobs is claimed once by 8 askers at a time", async (store) => {
    const ids = numbered("j", 40);
    await submitted(store, aGraph(ids.map((id) => aRecord(id))));
    const taken: string[] = [];
    for (let round = 0; taken.length < 40 && round < 40; round++) {
      taken.push(...(await Promise.all(Array.from({ length: 8 }, () => take(store, 3)))).flatMap(idsOf));
    }
    expect(taken.toSorted()).toEqual(ids);
  });

  promise("a turn comes with the job as it is stored, its spec and its params", async (store) => {
    await submit(store, "a", { params: '{"x":"\\u0000"}', spec: '{"s":1}' });
    const [turn] = await store.takeTurns({ lanes: [{ lane: LANE, max: 1 }], now: NOW + 5, leaseUntil: NOW + 99, announce: false });
    expect(turn).toEqual({ job: await jobOf(store, "a"), spec: '{"s":1}', params: '{"x":"\\u0000"}' });
    expect(turn!.job).toMatchObject({ state: "starting", attempt: 1, leaseUntil: NOW + 99, updatedAt: NOW + 5 });
    expect(turn!.job.attemptId).toMatch(/^att_/);
  });

  promise("the more urgent job goes first, of equals the older", async (store) => {
    await submit(store, "younger", { createdAt: NOW + 2 });
    await submit(store, "older", { createdAt: NOW + 1 });
    await submit(store, "urgent", { createdAt: NOW + 3, priority: 5 });
    await submit(store, "patient", { createdAt: NOW, priority: -5 });
    expect(idsOf(await take(store, 3))).toEqual(["urgent", "older", "younger"]);
    expect(idsOf(await take(store, 3))).toEqual(["patient"]);
  });

  promise("jobs of equal age go in the order of their acceptance", async (store) => {
    for (const id of ["z", "m", "a"]) await submit(store, id);
    expect(idsOf(await take(store))).toEqual(["z", "m", "a"]);
  });

  promise("each lane gives no more turns than it has room for, and only its own", async (store) => {
    await submitted(store, aGraph([...numbered("n", 4).map((id) => aRecord(id)), aRecord("d", { executor: "docker" })]));
    const lanes = [{ lane: LANE, max: 2 }, { lane: executorLane("docker"), max: 2 }, { lane: executorLane("nobody's"), max: 9 }]; // prettier-ignore
    const turns = await store.takeTurns({ lanes, now: NOW, leaseUntil: null, announce: false });
    expect(idsOf(turns).toSorted()).toEqual(["d", "n-000", "n-001"]);
  });

  promise("a lane in which nobody waits gives no turn", async (store) => {
    await submit(store, "a", { autoStart: false });
    await submit(store, "b", { notBefore: NOW + 1000 });
    expect(await take(store)).toEqual([]);
  });

  promise("a paused or cancelled job gets no turn, and a resumed one has kept its age", async (store) => {
    await submit(store, "old");
    await submit(store, "gone");
    await submit(store, "young", { createdAt: NOW + 10 });
    await pause(store, "old");
    await cancel(store, "gone");
    expect(idsOf(await take(store, 1))).toEqual(["young"]);
    await submit(store, "younger", { createdAt: NOW + 20 });
    await resume(store, "old");
    expect(idsOf(await take(store))).toEqual(["old", "younger"]);
  });

  promise("a job whose time is over gets no turn and takes nobody else's", async (store) => {
    await submit(store, "expired", { expiresAt: NOW + 10, priority: 2 });
    await submit(store, "too-late", { deadlineAt: NOW + 10, priority: 1 });
    await submit(store, "fresh");
    expect(idsOf(await take(store, 1, { now: NOW + 10 }))).toEqual(["fresh"]);
  });

  promise("a turn is announced in the job's history only if that is asked for", async (store) => {
    await submit(store, "quiet");
    await take(store);
    await submit(store, "loud");
    await store.takeTurns({ lanes: [{ lane: LANE, max: 1 }], now: NOW, leaseUntil: null, announce: true });
    expect([await typesOf(store, "quiet"), await typesOf(store, "loud")]).toEqual([["job.created"], ["job.created", "job.starting"]]);
  });

  promise("the engine is asked around every write, and finds who waits since then", async (store) => {
    for (const id of ["a", "b"]) {
      const asked = new Promise<unknown>((resolve) => {
        store.beforeBatch = () => {
          store.beforeBatch = () => {};
          resolve(take(store, 5));
        };
      });
      await submit(store, id);
      await asked;
    }
    expect(await Promise.all(["a", "b"].map(async (id) => (await jobOf(store, id)).attempt))).toEqual([1, 1]);
  });

  promise("jobs with a turn are found after a restart, page by page", async (store) => {
    await submitted(store, aGraph(numbered("j", 7).map((id) => aRecord(id))));
    await take(store, 5);
    const found = await eventually(async () => {
      const first = await store.unfinishedTurns({ limit: 3 });
      expect(first.items).toHaveLength(3);
      const second = await store.unfinishedTurns({ limit: 3, after: first.next });
      expect(second).toMatchObject({ items: [{}, {}] });
      return [...first.items, ...second.items];
    });
    expect(found.map(({ id }) => id).toSorted()).toEqual(numbered("j", 5));
    expect(await statesOf(store, numbered("j", 7))).toEqual([...Array.from({ length: 5 }, () => "starting"), "queued", "queued"]);
  });
}
