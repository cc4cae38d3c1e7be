import { expect } from "vitest";
import type { JobQuery, Store } from "../../../shared/ports/store.ts";
import { aGraph, aRecord, NOW } from "./given.ts";
import { allOf, eventually, type Promised } from "./promise.ts";
import { pause, submitted } from "./steps.ts";

async function givenJobs(store: Store): Promise<void> {
  const records = [
    aRecord("a", { name: "m", priority: 1, batchId: "bat_1", tags: ["t"] }),
    aRecord("b", { name: "z", priority: 9, batchId: "bat_1" }),
    aRecord("c", { name: "a", priority: 1, batchId: "bat_1", tags: ["t"] }),
  ];
  await submitted(store, aGraph(records.map((record) => ({ ...record, job: { ...record.job, createdAt: NOW, updatedAt: NOW } }))));
}

const idsOf = async (store: Store, query: Partial<JobQuery>, limit = 50) =>
  (await allOf((page) => store.jobs({ ...query, ...page }), limit)).map(({ job }) => job.id).join("");

export function sortPromises(promise: Promised): void {
  promise("jobs are listed by name, priority or last change, also page by page", async (store) => {
    await givenJobs(store);
    await pause(store, "a");
    await eventually(async () => {
      expect(await idsOf(store, { sort: "name", order: "asc" })).toBe("cab");
      expect(await idsOf(store, { sort: "name" }, 2)).toBe("bac");
      expect(await idsOf(store, { sort: "priority" }, 1)).toBe("bca");
      expect(await idsOf(store, { sort: "priority", states: ["queued"], order: "asc" })).toBe("cb");
      expect(await idsOf(store, { sort: "name", batchId: "bat_1", tags: ["t"], order: "asc" })).toBe("ca");
      expect(await idsOf(store, { sort: "name", createdAfter: NOW })).toBe("");
    });
  });

  promise("an offset skips as many jobs, and the pages go on from there", async (store) => {
    await givenJobs(store);
    await eventually(async () => {
      const first = await store.jobs({ limit: 1, offset: 1 });
      const second = await store.jobs({ limit: 1, offset: 1, after: first.next });
      expect([...first.items, ...second.items].map(({ job }) => job.id)).toEqual(["b", "a"]);
      expect(second.next).toBeUndefined();
    });
  });
}
