import { expect } from "vitest";
import { evaluateGroup, nextGroup } from "../../../shared/domain/group.ts";
import type { Store } from "../../../shared/ports/store.ts";
import { aGraph, aGroup, aRecord, NOW, needsFailureOf, numbered } from "./given.ts";
import { allOf, eventually, type Promised } from "./promise.ts";
import { cancel, complete, fail, idsOf, retry, submitted, take, written } from "./steps.ts";

const inBatch = (ids: readonly string[], batchId = "bat_1") => ids.map((id) => aRecord(id, { batchId }));
const tallyOf = async (store: Store, id: string) => (await store.group(id))!.tally;

export function groupPromises(promise: Promised): void {
  promise("a group counts its jobs by state, whatever happens to them", async (store) => {
    const records = [...inBatch(["a", "b", "c"]), aRecord("d", { batchId: "bat_1", after: [needsFailureOf("a")] })];
    await submitted(store, aGraph(records, { group: aGroup("bat_1", 4) }));
    expect(await tallyOf(store, "bat_1")).toEqual({ queued: 3, blocked: 1 });
    await take(store, 2);
    expect(await tallyOf(store, "bat_1")).toEqual({ starting: 2, queued: 1, blocked: 1 });
    await complete(store, "a");
    await fail(store, "b");
    await cancel(store, "c");
    expect(await tallyOf(store, "bat_1")).toEqual({ completed: 1, failed: 1, cancelled: 1, skipped: 1 });
    await retry(store, "b");
    expect(await tallyOf(store, "bat_1")).toEqual({ completed: 1, queued: 1, cancelled: 1, skipped: 1 });
  });

  promise("a job counts in its batch and in its run", async (store) => {
    await submitted(store, aGraph(inBatch(["a"]), { group: aGroup("bat_1", 1) }));
    await submitted(store, aGraph([aRecord("b", { batchId: "bat_1", runId: "run_1" })], { group: aGroup("run_1", 1) }));
    expect([await tallyOf(store, "bat_1"), await tallyOf(store, "run_1")]).toEqual([{ queued: 2 }, { queued: 1 }]);
  });

  promise("the tally is right when many jobs of a group end at once", async (store) => {
    await submitted(store, aGraph(inBatch(numbered("j", 12)), { group: aGroup("bat_1", 12) }));
    const turns = await take(store, 12);
    await Promise.all(idsOf(turns).map((id, index) => (index % 3 === 0 ? fail(store, id) : complete(store, id))));
    expect(await tallyOf(store, "bat_1")).toEqual({ completed: 8, failed: 4 });
  });

  promise("whoever ends the last job of a group is told so", async (store) => {
    await submitted(store, aGraph(inBatch(["a", "b", "c"]), { group: aGroup("bat_1", 3) }));
    await take(store);
    expect((await complete(store, "a")).idleGroups).toEqual([]);
    await complete(store, "b");
    expect((await complete(store, "c")).idleGroups).toEqual(["bat_1"]);
  });

  promise("a group that looks ended is found by recovery, one with open jobs is not", async (store) => {
    await submitted(store, aGraph(inBatch(["a"]), { group: aGroup("bat_1", 1) }));
    await take(store);
    await complete(store, "a");
    await submitted(store, aGraph(inBatch(["b", "c"], "bat_2"), { group: aGroup("bat_2", 2) }));
    await submitted(store, aGraph(inBatch(["d"], "bat_3"), { group: aGroup("bat_3", 1) }));
    await eventually(async () => expect(await store.idleGroups(10)).toEqual(["bat_1"]));
  });

  promise("a run with nothing left but the job for its failure is found by recovery", async (store) => {
    const records = [aRecord("a", { runId: "run_1" }), aRecord("z", { runId: "run_1", autoStart: false })];
    await submitted(store, aGraph(records, { group: aGroup("run_1", 2, { onFailureJob: "z" }) }));
    await take(store);
    expect((await fail(store, "a")).idleGroups).toEqual(["run_1"]);
    await eventually(async () => expect(await store.idleGroups(10)).toEqual(["run_1"]));
  });

  promise("a group ends once, with its event, and is not found any more", async (store) => {
    await submitted(store, aGraph(inBatch(["a"]), { group: aGroup("bat_1", 1) }));
    await take(store);
    await complete(store, "a");
    const { group, tally } = (await store.group("bat_1"))!;
    const end = evaluateGroup(group, tally, null, NOW);
    if (end.do !== "end") throw new Error("not over");
    const answers = await Promise.all([store.commit({ groups: [end.decision] }), store.commit({ groups: [end.decision] })]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await store.group("bat_1"))!.group).toEqual({ ...group, state: "completed", finishedAt: NOW, version: 2 });
    await eventually(async () => expect(await store.idleGroups(10)).toEqual([]));
    await eventually(async () => {
      const events = (await allOf((page) => store.events(page), 50)).filter(({ batchId, jobId }) => batchId === "bat_1" && jobId === null);
      expect(events.map(({ type, seq }) => [type, seq])).toEqual([["batch.created", 1], ["batch.completed", 2]]); // prettier-ignore
    });
  });

  promise("a change of a job and a group is refused whole if the group was changed", async (store) => {
    await submitted(store, aGraph(inBatch(["a"]), { group: aGroup("bat_1", 1) }));
    const { group } = (await store.group("bat_1"))!;
    const stale = nextGroup({ ...group, version: 7 }, { state: "paused" });
    const job = (await store.job("a"))!.job;
    const write = { job: { ...job, priority: 3, version: job.version + 1 }, facts: [], before: job };
    expect(await store.commit({ jobs: [write], groups: [stale] })).toEqual({ ok: false, because: "changed" });
    expect((await store.job("a"))!.job).toEqual(job);
    written(await store.commit({ jobs: [write], groups: [nextGroup(group, { state: "paused" }, { type: "batch.paused", data: {} })] }));
    expect([(await store.job("a"))!.job.priority, (await store.group("bat_1"))!.group.state]).toEqual([3, "paused"]);
  });

  promise("groups are listed by kind, name and state, page by page", async (store) => {
    for (const id of numbered("bat_", 5))
      await submitted(store, aGraph(inBatch([`of-${id}`], id), { group: aGroup(id, 1, { name: id.endsWith("3") ? "odd" : "even" }) }));
    await submitted(
      store,
      aGraph([aRecord("r", { runId: "run_1" })], { group: aGroup("run_1", 1, { name: "odd", params: '{"x":"\\u0000"}' }) }),
    );
    await eventually(async () => {
      const ids = async (more: object, order?: "asc") =>
        (await allOf((page) => store.groups({ ...page, kind: "batch", ...more }), 2, order && { order })).map(({ group }) => group.id);
      expect(await ids({}, "asc")).toEqual(numbered("bat_", 5));
      expect(await ids({})).toEqual(numbered("bat_", 5).toReversed());
      expect(await ids({ name: "odd" })).toEqual(["bat_-003"]);
      expect(await ids({ name: "" })).toEqual([]);
      expect(await ids({ state: "completed" })).toEqual([]);
      expect(await ids({ kind: "run", state: "running" })).toEqual(["run_1"]);
    });
    expect(await store.group("run_1")).toMatchObject({ group: { params: '{"x":"\\u0000"}' }, tally: { queued: 1 } });
    expect(await store.group("run_2")).toBeNull();
  });
}
