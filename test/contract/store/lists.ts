import { expect } from "vitest";
import type { JobQuery, Store } from "../../../shared/ports/store.ts";
import { aGraph, aRecord, NOW } from "./given.ts";
import { eventually, type Promised } from "./promise.ts";
import { complete, fail, submitted, take } from "./steps.ts";

/** Six jobs of every kind there is; the youngest is f. */
async function givenJobs(store: Store): Promise<void> {
  await submitted(
    store,
    aGraph([
      aRecord("a", { name: "Load", functionName: "load", tags: ["x", "y"], createdAt: NOW }),
      aRecord("b", { name: "Load", type: "script", executor: "process", tags: ["x"], createdAt: NOW + 1 }),
      aRecord("c", { type: "container", executor: "docker", batchId: "bat_1", createdAt: NOW + 2 }),
      aRecord("d", { functionName: "load", batchId: "bat_1", runId: "run_1", createdAt: NOW + 3 }),
      aRecord("e", { functionName: "save", runId: "run_1", tags: ["x", "y"], createdAt: NOW + 4 }),
      aRecord("f", { functionName: "save", autoStart: false, createdAt: NOW + 5 }),
    ]),
  );
  await take(store, 2);
  await complete(store, "a");
  await fail(store, "d");
}

const idsOf = async (store: Store, query: Omit<JobQuery, "limit">): Promise<string> =>
  (await store.jobs({ limit: 50, ...query })).items.map(({ job }) => job.id).join("");

export function listPromises(promise: Promised): void {
  promise("jobs are listed newest first, or oldest first if asked", async (store) => {
    await givenJobs(store);
    await eventually(async () => expect([await idsOf(store, {}), await idsOf(store, { order: "asc" })]).toEqual(["fedcba", "abcdef"]));
  });

  promise("every filter finds its jobs and no others", async (store) => {
    await givenJobs(store);
    const wanted: [Omit<JobQuery, "limit">, string][] = [
      [{ states: ["completed"] }, "a"],
      [{ states: ["failed", "completed"] }, "da"],
      [{ states: ["queued"] }, "ecb"],
      [{ states: ["created", "paused"] }, "f"],
      [{ states: [] }, ""],
      [{ tags: ["x"] }, "eba"],
      [{ tags: ["x", "y"] }, "ea"],
      [{ tags: ["nobody's"] }, ""],
      [{ name: "Load" }, "ba"],
      [{ type: "function" }, "feda"],
      [{ type: "container" }, "c"],
      [{ functionName: "load" }, "da"],
      [{ batchId: "bat_1" }, "dc"],
      [{ runId: "run_1" }, "ed"],
      [{ createdAfter: NOW + 2 }, "fed"],
      [{ createdBefore: NOW + 2 }, "ba"],
      [{ createdAfter: NOW, createdBefore: NOW + 3 }, "cb"],
      [{ createdAfter: NOW + 99 }, ""],
      [{ createdBefore: NOW - 99 }, ""],
    ];
    await eventually(async () => {
      const found = await Promise.all(wanted.map(([query]) => idsOf(store, query)));
      expect(wanted.map(([query], index) => [query, found[index]])).toEqual(wanted);
    });
  });

  promise("filters narrow each other", async (store) => {
    await givenJobs(store);
    const wanted: [Omit<JobQuery, "limit">, string][] = [
      [{ states: ["queued"], tags: ["x"] }, "eb"],
      [{ states: ["queued", "completed"], tags: ["x", "y"], order: "asc" }, "ae"],
      [{ name: "Load", type: "function" }, "a"],
      [{ batchId: "bat_1", runId: "run_1" }, "d"],
      [{ functionName: "save", states: ["queued"] }, "e"],
      [{ runId: "run_1", createdAfter: NOW + 3 }, "e"],
      [{ tags: ["y"], createdBefore: NOW + 1 }, "a"],
      [{ name: "Load", states: ["failed"] }, ""],
    ];
    await eventually(async () => {
      const found = await Promise.all(wanted.map(([query]) => idsOf(store, query)));
      expect(wanted.map(([query], index) => [query, found[index]])).toEqual(wanted);
    });
  });

  promise("jobs of equal age are listed in the order of their acceptance", async (store) => {
    for (const id of ["z", "m", "a"]) await submitted(store, aGraph([aRecord(id)]));
    await eventually(async () => expect(await idsOf(store, { order: "asc" })).toBe("zma"));
  });

  promise("a listed job has its spec, params and result", async (store) => {
    await submitted(store, aGraph([aRecord("a", { spec: '{"s":1}', params: '{"p":1}' })]));
    await take(store);
    await complete(store, "a", "[1]");
    await eventually(async () => {
      const { items } = await store.jobs({ limit: 1, states: ["completed"] });
      expect(items).toMatchObject([{ job: { id: "a", state: "completed" }, spec: '{"s":1}', params: '{"p":1}', result: "[1]" }]);
    });
  });

  promise("all jobs are counted by state", async (store) => {
    await givenJobs(store);
    await eventually(async () => expect(await store.counts()).toEqual({ completed: 1, failed: 1, queued: 3, created: 1 }));
  });
}
