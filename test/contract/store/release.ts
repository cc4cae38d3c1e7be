import { expect } from "vitest";
import { aGraph, aRecord, NOW, numbered } from "./given.ts";
import { allOf, eventually, typesOf, type Promised } from "./promise.ts";
import { complete, fail, releaseAll, stateOf, statesOf, submitted, take, written } from "./steps.ts";

export function releasePromises(promise: Promised): void {
  promise("300 dependants of one parent are all released, page by page", async (store) => {
    const children = numbered("c", 300);
    await submitted(store, aGraph([aRecord("parent"), ...children.map((id) => aRecord(id, { after: ["parent"] }))]));
    await take(store);
    const { unreleased } = await complete(store, "parent");
    expect(unreleased).toEqual(["parent"]);
    expect(await releaseAll(store, unreleased)).toBeGreaterThan(1);
    expect(new Set(await statesOf(store, children))).toEqual(new Set(["queued"]));
    const edges = await allOf((page) => store.edges("parent", "out", page), 100);
    expect(edges.map(({ child }) => child).toSorted()).toEqual(children);
    expect(new Set(edges.map(({ state }) => state))).toEqual(new Set(["met"]));
  });

  promise("a release that was never done is found by recovery", async (store) => {
    const children = numbered("c", 120);
    await submitted(store, aGraph([aRecord("parent"), ...children.map((id) => aRecord(id, { after: ["parent"] }))]));
    await take(store);
    await fail(store, "parent");
    expect((await statesOf(store, children)).includes("blocked")).toBe(true);
    const found = await eventually(async () => {
      const parents = await store.unreleased(10);
      expect(parents).toContain("parent");
      return parents;
    });
    await releaseAll(store, found);
    expect(new Set(await statesOf(store, children))).toEqual(new Set(["cancelled"]));
    await eventually(async () => expect(await store.unreleased(10)).toEqual([]));
  });

  promise("a chain of 60 jobs is cancelled to its end when its head fails", async (store) => {
    const ids = numbered("j", 60);
    await submitted(store, aGraph(ids.map((id, index) => aRecord(id, { after: index === 0 ? [] : [ids[index - 1]!] }))));
    await take(store);
    const { unreleased } = await fail(store, "j-000");
    await releaseAll(store, unreleased);
    expect(new Set(await statesOf(store, ids.slice(1)))).toEqual(new Set(["cancelled"]));
  });

  promise("releasing again, or a parent that has not ended, changes nothing", async (store) => {
    await submitted(store, aGraph([aRecord("parent"), aRecord("child", { after: ["parent"] })]));
    expect(written(await store.release("parent", NOW)).queued).toEqual([]);
    expect(await stateOf(store, "child")).toBe("blocked");
    await take(store);
    await complete(store, "parent");
    const events = await typesOf(store, "child");
    expect(written(await store.release("parent", NOW))).toEqual({ ok: true, queued: [], ended: [], unreleased: [], idleGroups: [] });
    written(await store.release("nobody", NOW));
    expect(await typesOf(store, "child")).toEqual(events);
  });
}
