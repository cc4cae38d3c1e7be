// How a promise of a store is checked: each on a store of its own.
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { StoredEvent } from "../../../shared/domain/history.ts";
import type { Page, PageAsk, Store } from "../../../shared/ports/store.ts";

export interface Opened {
  readonly store: Store;
  readonly close: () => Promise<void>;
}
export type OpenStore = () => Promise<Opened>;
export type Promised = (name: string, check: (store: Store) => Promise<void>) => void;

export const promisesOf =
  (open: OpenStore): Promised =>
  (name, check) =>
    test.concurrent(name, async () => {
      const { store, close } = await open();
      try {
        await check(store);
      } finally {
        await close();
      }
    });

const TRIES = 100;

/** Lists may lag behind writes: what is asked of them must come true, but not at once. */
export async function eventually<T>(check: () => Promise<T>): Promise<T> {
  for (let tries = 1; tries < TRIES; tries++) {
    try {
      return await check();
    } catch {
      // Asked again after whatever else is waiting; the last answer is the one that counts.
      await setImmediate();
    }
  }
  return await check();
}

/** All pages of a list, in order. */
export async function allOf<T>(ask: (page: PageAsk) => Promise<Page<T>>, limit: number, more: Omit<PageAsk, "limit"> = {}): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page: Page<T> = await ask({ ...more, limit, after });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return items;
}

export const eventsOf = (store: Store, job: string): Promise<StoredEvent[]> => allOf((page) => store.events({ ...page, job }), 50);
export const typesOf = async (store: Store, job: string): Promise<string[]> => (await eventsOf(store, job)).map(({ type }) => type);
