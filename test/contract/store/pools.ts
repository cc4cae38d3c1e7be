import { expect } from "vitest";
import { executorLane, poolLane } from "../../../shared/domain/job.ts";
import { aGraph, aRecord, LANE, numbered } from "./given.ts";
import type { Promised } from "./promise.ts";
import { cancel, complete, fail, idsOf, jobOf, pause, resume, settle, submit, submitted, take } from "./steps.ts";

export function poolPromises(promise: Promised): void {
  promise("a pool never has more holders than its limit", async (store) => {
    const left = new Set(numbered("j", 20));
    await submitted(store, aGraph([...left].map((id) => aRecord(id, { pool: "p", limit: 3 }))));
    for (let round = 0; left.size > 0 && round < 20; round++) {
      const turns = (await Promise.all([take(store), take(store)])).flat();
      expect(turns.length).toBeGreaterThan(0);
      expect(turns.length).toBeLessThanOrEqual(3);
      await Promise.all(turns.map(({ job }, index) => (index % 2 === 0 ? complete(store, job.id) : fail(store, job.id))));
      for (const { job } of turns) left.delete(job.id);
    }
    expect(left.size).toBe(0);
  });

  promise("a pool that nobody gave a limit lets one job run at a time, the most urgent first", async (store) => {
    await submit(store, "first", { pool: "p" });
    await submit(store, "patient", { pool: "p" });
    await submit(store, "urgent", { pool: "p", priority: 9 });
    expect(await jobOf(store, "patient")).toMatchObject({ lane: poolLane("p"), state: "queued" });
    const order: string[] = [];
    for (let turns = await take(store); turns.length > 0; turns = await take(store)) {
      expect(turns).toHaveLength(1);
      order.push(turns[0]!.job.id);
      await complete(store, turns[0]!.job.id);
    }
    expect(order).toEqual(["first", "urgent", "patient"]);
  });

  promise("the first limit of a pool stays", async (store) => {
    await submit(store, "a", { pool: "p", limit: 2 });
    await submitted(store, aGraph(numbered("j", 5).map((id) => aRecord(id, { pool: "p", limit: 5 }))));
    expect(await take(store)).toHaveLength(2);
  });

  promise("two pools don't hold each other up", async (store) => {
    await submitted(store, aGraph(["a-1", "a-2", "b-1", "b-2"].map((id) => aRecord(id, { pool: id.slice(0, 1) }))));
    expect(idsOf(await take(store)).toSorted()).toEqual(["a-1", "b-1"]);
  });

  promise("the end of a holder lets the next one go, and its lane is told", async (store) => {
    await submit(store, "a", { pool: "p" });
    await submit(store, "b", { pool: "p", executor: "docker" });
    await take(store);
    expect((await complete(store, "a")).queued).toEqual([executorLane("docker")]);
    expect(await jobOf(store, "b")).toMatchObject({ lane: executorLane("docker") });
  });

  promise("a cancelled waiter frees its pool slot for the next", async (store) => {
    await submitted(store, aGraph(["a", "b", "c"].map((id) => aRecord(id, { pool: "p" }))));
    expect((await cancel(store, "a")).queued).toEqual([LANE]);
    await cancel(store, "b");
    expect(idsOf(await take(store))).toEqual(["c"]);
  });

  promise("a paused waiter frees its slot, and waits for one again when it is resumed", async (store) => {
    await submit(store, "a", { pool: "p" });
    await submit(store, "b", { pool: "p" });
    await pause(store, "a");
    expect(idsOf(await take(store))).toEqual(["b"]);
    await resume(store, "a");
    expect(await take(store)).toEqual([]);
    await complete(store, "b");
    expect(idsOf(await take(store))).toEqual(["a"]);
  });

  promise("a slot goes with the attempt: a job that waits for its retry holds none", async (store) => {
    const retry = {
      maxAttempts: 2,
      policy: "fixed",
      delayMs: 1000,
      factor: 1,
      maxDelayMs: 1000,
      jitter: "none",
      retryOn: null,
      maxLosses: 3,
    } as const;
    await submit(store, "a", { pool: "p", retry });
    await submit(store, "b", { pool: "p" });
    await take(store);
    await settle(store, "a", { failure: { code: "user.x", message: "", retryable: true } });
    expect(await jobOf(store, "a")).toMatchObject({ state: "delayed" });
    expect(idsOf(await take(store))).toEqual(["b"]);
  });
}
