import { expect } from "vitest";
import { aGraph, aRecord, NOW, needsFailureOf, waitsForAnyEndOf } from "./given.ts";
import { typesOf, type Promised } from "./promise.ts";
import { cancel, complete, ended, fail, idsOf, jobOf, pause, resume, retry, stateOf, statesOf, submitted, take, written } from "./steps.ts";

export function revivePromises(promise: Promised): void {
  promise("a job retried by hand brings back whoever was cancelled for it, transitively", async (store) => {
    const records = [aRecord("a"), aRecord("b", { after: ["a"] }), aRecord("c", { after: ["b"] }), aRecord("d", { after: ["c"] })];
    await submitted(store, aGraph(records));
    await take(store);
    await fail(store, "a");
    await retry(store, "a");
    expect(await statesOf(store, ["a", "b", "c", "d"])).toEqual(["queued", "blocked", "blocked", "blocked"]);
    expect(await jobOf(store, "d")).toMatchObject({ endReason: null, finishedAt: null });
    for (const id of ["a", "b", "c", "d"]) {
      expect(idsOf(await take(store))).toEqual([id]);
      await complete(store, id);
    }
    expect(await typesOf(store, "d")).toEqual([
      "job.created", "job.cancelled", "job.blocked", "job.queued", "job.started", "job.completed",
    ]); // prettier-ignore
  });

  promise(
    "jobs of a chain that were cancelled and are retried wait for each other again, in whatever order they are retried",
    async (store) => {
      for (const order of [
        ["a", "b", "c"],
        ["c", "b", "a"],
        ["b", "c", "a"],
      ] as const) {
        const name = (id: string) => `${order.join("")}-${id}`;
        const records = [aRecord(name("a")), aRecord(name("b"), { after: [name("a")] }), aRecord(name("c"), { after: [name("b")] })];
        await submitted(store, aGraph(records));
        for (const id of ["c", "b", "a"]) await cancel(store, name(id));
        for (const id of order) await retry(store, name(id));
        expect(await statesOf(store, ["a", "b", "c"].map(name))).toEqual(["queued", "blocked", "blocked"]);
        for (const id of ["a", "b", "c"]) {
          expect(idsOf(await take(store))).toEqual([name(id)]);
          await complete(store, name(id));
        }
      }
    },
  );

  promise("what ended by itself or by a user's wish is not brought back", async (store) => {
    const waits = (id: string) => aRecord(id, { after: ["a"] });
    await submitted(store, aGraph([aRecord("a"), waits("unwanted"), aRecord("rescue", { after: [needsFailureOf("a")] }), waits("b")]));
    await cancel(store, "unwanted");
    await take(store);
    await fail(store, "a");
    await take(store);
    await complete(store, "rescue");
    await retry(store, "a");
    expect(await statesOf(store, ["unwanted", "rescue", "b"])).toEqual(["cancelled", "completed", "blocked"]);
  });

  promise("who was cancelled for another parent stays cancelled until that one is retried, and then waits for both", async (store) => {
    await submitted(store, aGraph([aRecord("a"), aRecord("b"), aRecord("child", { after: [waitsForAnyEndOf("a"), "b"] })]));
    await take(store);
    await fail(store, "a");
    await fail(store, "b");
    expect(await stateOf(store, "child")).toBe("cancelled");
    await retry(store, "a");
    expect(await stateOf(store, "child")).toBe("cancelled");
    await retry(store, "b");
    expect(await stateOf(store, "child")).toBe("blocked");
    await take(store);
    await complete(store, "b");
    expect(await stateOf(store, "child")).toBe("blocked");
    await complete(store, "a");
    expect(await stateOf(store, "child")).toBe("queued");
  });

  promise("a job that was paused while its parent failed and was retried goes on after the parent's success", async (store) => {
    await submitted(store, aGraph([aRecord("parent"), aRecord("child", { after: ["parent"] })]));
    await pause(store, "child");
    await take(store);
    await fail(store, "parent");
    await retry(store, "parent");
    await take(store);
    await complete(store, "parent");
    await resume(store, "child");
    expect(await stateOf(store, "child")).toBe("queued");
  });

  promise("reviving for a job that has ended, or is not there, changes nothing", async (store) => {
    await submitted(store, aGraph([aRecord("a"), aRecord("b", { after: ["a"] })]));
    await take(store);
    await fail(store, "a");
    written(await store.revive("a", NOW));
    written(await store.revive("nobody", NOW));
    expect(await stateOf(store, "b")).toBe("cancelled");
    await ended(store, "other", "completed");
  });
}
