import { expect } from "vitest";
import type { JobQuery, JobView, Page, Store } from "../../../shared/ports/store.ts";
import { aGraph, aRecord, NOW, numbered } from "./given.ts";
import { allOf, eventually, type Promised } from "./promise.ts";
import { submit, submitted, take } from "./steps.ts";

const given = (store: Store, count: number, more = {}) => submitted(store, aGraph(numbered("j", count).map((id) => aRecord(id, more))));
const ids = (page: Page<JobView>): string[] => page.items.map(({ job }) => job.id);

/** The first page, once the list has caught up. */
const firstPage = (store: Store, query: JobQuery): Promise<Page<JobView>> =>
  eventually(async () => {
    const page = await store.jobs(query);
    expect(page.items).toHaveLength(query.limit);
    return page;
  });

export function pagingPromises(promise: Promised): void {
  for (const query of [
    {},
    { states: ["queued"] },
    { tags: ["t"] },
    { type: "function" },
    { name: "n" },
    { states: ["queued", "created"], tags: ["t"] },
  ] as const) {
    promise(`pages of jobs by ${JSON.stringify(query)} have every job once, and the last one has no next`, async (store) => {
      await given(store, 23, { tags: ["t"], name: "n" });
      for (const limit of [1, 5, 23, 100]) {
        await eventually(async () => {
          const found = await allOf((page) => store.jobs({ ...query, ...page }), limit);
          expect(found.map(({ job }) => job.id)).toEqual(numbered("j", 23).toReversed());
        });
      }
    });
  }

  promise("a page never repeats or drops a job while jobs are added", async (store) => {
    await given(store, 9);
    const seen: string[] = [];
    let page = await firstPage(store, { limit: 3 });
    for (let round = 0; round < 3; round++) {
      seen.push(...ids(page));
      await submit(store, `new-${round}`, { createdAt: NOW + 1 + round });
      if (page.next === undefined) break;
      const after = page.next;
      page = await firstPage(store, { limit: 3, after });
    }
    expect(seen).toEqual(numbered("j", 9).toReversed());
  });

  promise("who follows the list oldest first sees what is added behind the cursor", async (store) => {
    await given(store, 4);
    const page = await firstPage(store, { limit: 3, order: "asc" });
    await submit(store, "new", { createdAt: NOW + 1 });
    await eventually(async () => expect(ids(await store.jobs({ limit: 9, order: "asc", after: page.next }))).toEqual(["j-003", "new"]));
  });

  promise("jobs that leave a state between two pages don't hide the others", async (store) => {
    await given(store, 6);
    const page = await firstPage(store, { limit: 2, states: ["queued"] });
    await take(store, 2);
    await eventually(async () =>
      expect(ids(await store.jobs({ limit: 9, states: ["queued"], after: page.next }))).toEqual(["j-003", "j-002"]),
    );
  });

  promise("a rare match far down the list is reached", async (store) => {
    await submit(store, "rare", { tags: ["rare"], name: "n" });
    await given(store, 60, { name: "n" });
    await eventually(async () => {
      const found = await allOf((page) => store.jobs({ ...page, name: "n", tags: ["rare"] }), 5);
      expect(found.map(({ job }) => job.id)).toEqual(["rare"]);
    });
  });

  promise("a cursor that no list gave is refused", async (store) => {
    await given(store, 1);
    const page = { limit: 5, after: "'; nobody's #" };
    const asks = [
      store.jobs(page),
      store.unfinishedTurns(page),
      store.edges("j-000", "in", page),
      store.groups({ ...page, kind: "run" }),
      store.events(page),
    ];
    for (const ask of asks) await expect(ask).rejects.toMatchObject({ name: "SwitchyardError", code: "request.invalid" });
  });

  promise("pages of edges have every edge once", async (store) => {
    const parents = numbered("p", 12);
    await submitted(store, aGraph([...parents.map((id) => aRecord(id)), aRecord("child", { after: parents })]));
    const edges = await allOf((page) => store.edges("child", "in", page), 5);
    expect(edges.map(({ parent }) => parent).toSorted()).toEqual(parents);
    expect(await store.edges("nobody", "out", { limit: 5 })).toEqual({ items: [] });
  });
}
