import { expect } from "vitest";
import { aGraph, aRecord, LANE, NOW, needsFailureOf, waitsForAnyEndOf } from "./given.ts";
import { typesOf, type Promised } from "./promise.ts";
import {
  cancel,
  change,
  complete,
  ended,
  fail,
  jobOf,
  pause,
  releaseAll,
  resume,
  stateOf,
  statesOf,
  submit,
  submitted,
  take,
  written,
} from "./steps.ts";
import { startedByHand } from "../../../shared/domain/begin.ts";

export function edgePromises(promise: Promised): void {
  promise("a job waits until the last of its parents has ended", async (store) => {
    await submitted(store, aGraph([aRecord("a"), aRecord("b"), aRecord("child", { after: ["a", "b"] })]));
    await take(store);
    expect((await complete(store, "a")).queued).toEqual([]);
    expect(await stateOf(store, "child")).toBe("blocked");
    expect((await complete(store, "b")).queued).toEqual([LANE]);
    expect(await jobOf(store, "child")).toMatchObject({ state: "queued", queuedAt: NOW });
    expect(await typesOf(store, "child")).toEqual(["job.created", "job.queued"]);
  });

  promise("parents that end at the same moment let their child go once", async (store) => {
    const parents = ["a", "b", "c", "d"];
    await submitted(store, aGraph([...parents.map((id) => aRecord(id)), aRecord("child", { after: parents })]));
    await take(store);
    const answers = await Promise.all(parents.map((id) => complete(store, id)));
    for (const { unreleased } of answers) await releaseAll(store, unreleased);
    expect(await stateOf(store, "child")).toBe("queued");
    expect(await typesOf(store, "child")).toEqual(["job.created", "job.queued"]);
  });

  promise("a failed parent cancels who needs its success, transitively, and lets go who waits for its failure", async (store) => {
    await submitted(
      store,
      aGraph([
        aRecord("parent"),
        aRecord("needs", { after: ["parent"] }),
        aRecord("needs-too", { after: ["needs"] }),
        aRecord("rescue", { after: [needsFailureOf("parent")] }),
        aRecord("tidy-up", { after: [waitsForAnyEndOf("needs-too")] }),
      ]),
    );
    await take(store);
    const { ended: alsoEnded } = await fail(store, "parent");
    expect(alsoEnded.toSorted()).toEqual(["needs", "needs-too"]);
    expect(await statesOf(store, ["needs", "needs-too", "rescue", "tidy-up"])).toEqual(["cancelled", "cancelled", "queued", "queued"]);
    expect((await jobOf(store, "needs-too")).endReason).toMatchObject({
      code: "dependency_failed",
      message: expect.stringContaining("needs") as string,
    });
    expect(await typesOf(store, "needs")).toEqual(["job.created", "job.cancelled"]);
  });

  promise("a completed parent skips who waits for its failure", async (store) => {
    await submitted(store, aGraph([aRecord("parent"), aRecord("rescue", { after: [needsFailureOf("parent")] })]));
    await take(store);
    await complete(store, "parent");
    expect(await jobOf(store, "rescue")).toMatchObject({ state: "cancelled", endReason: { code: "dependency_failed", skipped: true } });
  });

  promise("of a failed and a skipping parent, the failed one is named", async (store) => {
    await submitted(store, aGraph([aRecord("a"), aRecord("b"), aRecord("child", { after: [needsFailureOf("a"), "b"] })]));
    await take(store);
    await fail(store, "b");
    await complete(store, "a");
    const { endReason } = await jobOf(store, "child");
    expect(endReason?.message).toContain("b");
    expect(endReason).not.toHaveProperty("skipped");
  });

  promise("a cancelled parent cancels who needs its success", async (store) => {
    await submitted(store, aGraph([aRecord("parent"), aRecord("child", { after: ["parent"] })]));
    expect((await cancel(store, "parent")).ended).toEqual(["child"]);
    expect(await stateOf(store, "child")).toBe("cancelled");
  });

  promise("a job paused while blocked goes on when it is resumed after its parents ended", async (store) => {
    await submitted(store, aGraph([aRecord("parent"), aRecord("child", { after: ["parent"] })]));
    await pause(store, "child");
    await take(store);
    await complete(store, "parent");
    expect(await stateOf(store, "child")).toBe("paused");
    await resume(store, "child");
    expect(await stateOf(store, "child")).toBe("queued");
  });

  promise("a job that is started by hand still waits for its parents", async (store) => {
    await submitted(store, aGraph([aRecord("parent"), aRecord("child", { after: ["parent"], autoStart: false })]));
    await take(store);
    await complete(store, "parent");
    expect(await stateOf(store, "child")).toBe("created");
    await change(store, "child", (job) => startedByHand(job, NOW));
    written(await store.evaluate("child", NOW));
    expect(await stateOf(store, "child")).toBe("queued");
  });

  promise("looking again at a job changes nothing while it waits, and nothing afterwards", async (store) => {
    await submitted(store, aGraph([aRecord("parent"), aRecord("child", { after: ["parent"] })]));
    const before = await jobOf(store, "child");
    expect(await store.evaluate("child", NOW)).toMatchObject({ ok: true, queued: [], ended: [] });
    expect(await jobOf(store, "child")).toEqual(before);
    await take(store);
    await complete(store, "parent");
    const after = await jobOf(store, "child");
    await store.evaluate("child", NOW);
    await store.evaluate("nobody", NOW);
    expect(await jobOf(store, "child")).toEqual(after);
  });

  promise("a job finds what its parents left, under its labels", async (store) => {
    await ended(store, "early", "completed");
    await submit(store, "late", { spec: '{"part":3}' });
    const passed = { job: "late", pass: "result", label: "flights" } as const;
    await submitted(store, aGraph([aRecord("child", { after: [passed, waitsForAnyEndOf("early")] })]));
    await take(store);
    await complete(store, "late", '{"n":1}');
    const inputs = (await store.inputs("child")).toSorted((a, b) => (a.parent < b.parent ? -1 : 1));
    expect(inputs).toEqual([
      { parent: "early", label: null, pass: "none", state: "completed", result: "null", spec: "{}" },
      { parent: "late", label: "flights", pass: "result", state: "completed", result: '{"n":1}', spec: '{"part":3}' },
    ]);
    expect(await store.inputs("early")).toEqual([]);
  });

  promise("edges are shown from both sides, with the state of who is there", async (store) => {
    await submitted(store, aGraph([aRecord("a"), aRecord("b", { after: ["a"] }), aRecord("c", { after: [needsFailureOf("a"), "b"] })]));
    await take(store);
    await complete(store, "a");
    const [out, into] = await Promise.all([store.edges("a", "out", { limit: 9 }), store.edges("c", "in", { limit: 9 })]);
    expect(out.items.toSorted((a, b) => (a.child < b.child ? -1 : 1))).toEqual([
      { child: "b", parent: "a", on: "success", pass: "result", label: null, state: "met", jobState: "queued" },
      { child: "c", parent: "a", on: "failure", pass: "none", label: null, state: "unmet", jobState: "blocked" },
    ]);
    expect(into.items.map(({ parent, state, jobState }) => [parent, state, jobState]).toSorted()).toEqual([
      ["a", "unmet", "completed"],
      ["b", "open", "queued"],
    ]);
  });
}
