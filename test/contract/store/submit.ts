import { expect } from "vitest";
import { executorLane } from "../../../shared/domain/job.ts";
import { aGraph, aGroup, aKey, aRecord, LANE, NOW, numbered } from "./given.ts";
import { eventually, typesOf, type Promised } from "./promise.ts";
import { ended, stateOf, statesOf, submit, submitted } from "./steps.ts";

export function submitPromises(promise: Promised): void {
  promise("a job is read back as it was submitted", async (store) => {
    const record = aRecord("a", {
      name: "Flights",
      priority: 7,
      tags: ["x"],
      params: '{"x":1}',
      spec: '{"type":"function"}',
      pool: "p",
      expiresAt: NOW + 5,
    });
    await submitted(store, aGraph([aRecord("b"), record]));
    const { job, ...rest } = (await store.job("a"))!;
    // A slot of its pool was free: it waits for its executor now, one version on.
    expect(job).toEqual({ ...record.job, lane: LANE, version: 2 });
    expect(rest).toEqual({ spec: '{"type":"function"}', params: '{"x":1}', progress: null, result: null });
  });

  promise("nobody has a job that was not submitted", async (store) => {
    expect(await store.job("nobody")).toBeNull();
  });

  promise("null bytes, emoji and lone surrogates come back as they were", async (store) => {
    const odd = JSON.stringify({ nul: "a\0b", emoji: "👩🏽‍🚀", lone: "\ud800", quotes: "'\"`;--", key: { "\0": "" } });
    await submit(store, "a", { params: odd, spec: odd, name: "👩🏽‍🚀 'quoted'", tags: ["tag 🚀", "it's"] });
    const view = await store.job("a");
    expect(view).toMatchObject({ params: odd, spec: odd, job: { name: "👩🏽‍🚀 'quoted'" } });
    await eventually(async () => expect((await store.jobs({ limit: 5, tags: ["tag 🚀", "it's"] })).items).toHaveLength(1));
  });

  promise("the lanes in which somebody came to wait are told, each once", async (store) => {
    const queued = await submitted(
      store,
      aGraph([aRecord("a"), aRecord("b"), aRecord("c", { executor: "docker" }), aRecord("d", { autoStart: false })]),
    );
    expect(queued.toSorted()).toEqual([executorLane("docker"), LANE]);
  });

  promise("the same id is refused, and nothing of its neighbours is written", async (store) => {
    await submit(store, "a");
    expect(await store.submitGraph(aGraph([aRecord("b"), aRecord("a")]))).toEqual({ ok: false, because: "id_taken", at: "a" });
    expect(await store.job("b")).toBeNull();
    expect(await typesOf(store, "a")).toEqual(["job.created"]);
  });

  promise("an id that stands twice in one graph is refused", async (store) => {
    expect(await store.submitGraph(aGraph([aRecord("a"), aRecord("a")]))).toEqual({ ok: false, because: "id_taken", at: "a" });
    expect(await store.job("a")).toBeNull();
  });

  promise("of two who submit the same id at once, one is refused", async (store) => {
    const answers = await Promise.all([store.submitGraph(aGraph([aRecord("a")])), store.submitGraph(aGraph([aRecord("a")]))]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  promise("a graph with an unknown parent is refused whole, and its neighbours in the same batch are written", async (store) => {
    const [before, refused, after] = await Promise.all([
      store.submitGraph(aGraph([aRecord("before")])),
      store.submitGraph(aGraph([aRecord("x"), aRecord("y", { after: ["x", "nobody"] })], { group: aGroup("bat_1", 2), key: aKey("k") })),
      store.submitGraph(aGraph([aRecord("after")])),
    ]);
    expect(refused).toEqual({ ok: false, because: "dependency_missing", at: "nobody" });
    expect([before, after]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await statesOf(store, ["before", "after"])).toEqual(["queued", "queued"]);
    expect([await store.job("x"), await store.job("y"), await store.group("bat_1"), await store.key("k", NOW)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  promise("a job submitted after its parent ended doesn't wait", async (store) => {
    await ended(store, "parent", "completed");
    const queued = await submitted(store, aGraph([aRecord("child", { after: ["parent"] })]));
    expect(queued).toEqual([LANE]);
    expect(await stateOf(store, "child")).toBe("queued");
  });

  promise("a job submitted after the parent that it needs has failed is cancelled at once, and so is who needs it", async (store) => {
    await ended(store, "parent", "failed");
    await submitted(store, aGraph([aRecord("grandchild", { after: ["child"] }), aRecord("child", { after: ["parent"] })]));
    expect(await statesOf(store, ["child", "grandchild"])).toEqual(["cancelled", "cancelled"]);
  });

  promise("a graph of 300 jobs is there with all its edges", async (store) => {
    const ids = numbered("j", 300);
    const records = ids.map((id, index) => aRecord(id, { batchId: "bat_1", after: index === 0 ? [] : [ids[index - 1]!] }));
    await submitted(store, aGraph(records, { group: aGroup("bat_1", 300) }));
    expect((await store.group("bat_1"))!.tally).toEqual({ queued: 1, blocked: 299 });
    const { items } = await store.edges("j-299", "in", { limit: 5 });
    expect(items).toMatchObject([{ child: "j-299", parent: "j-298", state: "open", jobState: "blocked" }]);
  });

  promise("a graph of 300 jobs with one unknown parent leaves nothing behind", async (store) => {
    const records = numbered("j", 300).map((id) => aRecord(id, id === "j-299" ? { after: ["nobody"] } : {}));
    expect(await store.submitGraph(aGraph(records, { group: aGroup("bat_1", 300) }))).toEqual({
      ok: false,
      because: "dependency_missing",
      at: "nobody",
    });
    expect([await store.job("j-000"), await store.group("bat_1")]).toEqual([null, null]);
    await submit(store, "j-000");
    await eventually(async () => expect((await store.jobs({ limit: 5 })).items.map(({ job }) => job.id)).toEqual(["j-000"]));
  });

  promise("a graph larger than the store takes is refused", async (store) => {
    const records = Array.from({ length: store.limits.jobsPerGraph + 1 }, () => aRecord("a"));
    await expect(store.submitGraph(aGraph(records))).rejects.toMatchObject({ name: "SwitchyardError", code: "payload.too_large" });
  });
}
