import { expect } from "vitest";
import type { StoredWorkflow } from "../../../shared/domain/workflow/definition.ts";
import type { Store } from "../../../shared/ports/store.ts";
import { NOW, numbered } from "./given.ts";
import { allOf, eventually, type Promised } from "./promise.ts";

const aWorkflow = (name: string, version: number): StoredWorkflow => ({
  name, version, createdAt: NOW + version, deletedAt: null, definition: `{"steps":{"v${version}":"🧭"}}`,
}); // prettier-ignore

const put = (store: Store, name: string, version: number) =>
  store.putWorkflow(aWorkflow(name, version), [{ type: "workflow.updated", data: { name, version } }]);

export function workflowPromises(promise: Promised): void {
  promise("the latest version is answered, and every older one by its number", async (store) => {
    for (const version of [1, 2, 3]) expect(await put(store, "w", version)).toEqual({ ok: true });
    expect(await store.workflow("w")).toEqual(aWorkflow("w", 3));
    expect(await store.workflow("w", 1)).toEqual(aWorkflow("w", 1));
    expect([await store.workflow("w", 4), await store.workflow("nobody's")]).toEqual([null, null]);
  });

  promise("a version is written once", async (store) => {
    const answers = await Promise.all([put(store, "w", 1), put(store, "w", 1)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    await eventually(async () => {
      const events = await allOf((page) => store.events(page), 10);
      expect(events).toMatchObject([{ type: "workflow.updated", seq: 1, jobId: null, batchId: null, runId: null }]);
    });
  });

  promise("a removed workflow is listed no more, is known by its versions, and can come back", async (store) => {
    await put(store, "w", 1);
    expect(await store.removeWorkflow("w", NOW + 50)).toBe(true);
    expect(await store.removeWorkflow("w", NOW + 60)).toBe(false);
    expect(await store.removeWorkflow("nobody's", NOW)).toBe(false);
    expect(await store.workflow("w")).toMatchObject({ version: 1, deletedAt: NOW + 50 });
    await eventually(async () => expect(await store.workflows({ limit: 5 })).toEqual({ items: [] }));
    await put(store, "w", 2);
    expect(await store.workflow("w")).toMatchObject({ version: 2, deletedAt: null });
    await eventually(async () => expect((await store.workflows({ limit: 5 })).items).toHaveLength(1));
    await eventually(async () => {
      const events = await allOf((page) => store.events(page), 10);
      expect(events.map(({ type, seq }) => [type, seq])).toEqual([["workflow.updated", 1], ["workflow.deleted", 2], ["workflow.updated", 3]]); // prettier-ignore
    });
  });

  promise("workflows are listed by name in their latest version, versions of one newest first, page by page", async (store) => {
    for (const name of numbered("w", 7)) await put(store, name, 1);
    for (const version of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) await put(store, "w-003", version);
    await eventually(async () => {
      const all = await allOf((page) => store.workflows(page), 3);
      expect(all.map(({ name, version }) => [name, version])).toEqual(numbered("w", 7).map((name) => [name, name === "w-003" ? 11 : 1]));
      const versions = await allOf((page) => store.workflows({ ...page, name: "w-003" }), 4);
      expect(versions.map(({ version }) => version)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    });
  });
}
