// How a promise of a store is checked: each on a store of its own.
import { setImmediate, setTimeout as wait } from "node:timers/promises";
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

/** At first as often as can be, then as often as is worth it. */
const AT_ONCE = 50;
const PAUSE_MS = 20;
const LONGEST_MS = 20_000;

/** Lists may lag behind writes: what is asked of them must come true, but not at once. */
export async function eventually<T>(check: () => Promise<T>): Promise<T> {
  const until = performance.now() + LONGEST_MS;
  for (let tries = 1; performance.now() < until; tries++) {
    try {
      return await check();
    } catch {
      // Asked again after whatever else is waiting; the last answer is the one that counts.
      await (tries < AT_ONCE ? setImmediate() : wait(PAUSE_MS));
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
