/*
 * Events: of one job strongly and in their order; of all jobs from an index, in the order of their ids.
 * Ids carry the clock of the machine that wrote them. Two machines' events may become visible in another order than that of their
 * ids, so the feed shows only what is older than `lagMs`: whoever follows it by a cursor misses nothing that was written and
 * indexed within that time.
 */
import { DAY } from "../../../domain/duration.ts";
import type { StoredEvent } from "../../../domain/history.ts";
import type { Page, Store } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { eventOf, feedPk } from "./event-items.ts";
import type { Item } from "./expression.ts";
import { jobPk, shards } from "./keys.ts";
import type { Parts } from "./parts.ts";
import type { Table } from "./table.ts";
import { DAY_LETTERS, dayOf, fromTime } from "./ulids.ts";

type Ask = Parameters<Store["events"]>[0];

/** Events that one page may look at for those of the wanted types. */
const SCANNED_MAX = 2000;
const DAYS_MAX = 4000;
const EVENT_ID_LETTERS = 30;

export async function eventsOfJob({ table, jobs }: Parts, job: string, ask: Ask): Promise<Page<StoredEvent>> {
  const uid = await jobs.uidOf(job);
  if (uid === null) return { items: [] };
  return pageOf(ask, (range) =>
    table.query({ pk: jobPk(uid), low: `E#${range.low}`, high: `E#${range.high}`, order: range.order, limit: range.limit }),
  );
}

export class Feed {
  readonly #table: Table;
  readonly #lagMs: number;
  readonly #knownDays = new Set<string>();

  constructor(table: Table, lagMs: number) {
    this.#table = table;
    this.#lagMs = lagMs;
  }

  /** Before the first event of a day is written: followers ask which days there are. */
  async announceToday(): Promise<void> {
    // Tomorrow too: for a write that is under way at midnight.
    const days = [Date.now(), Date.now() + DAY].map((time) => new Date(time).toISOString().slice(0, DAY_LETTERS));
    const news = days.filter((day) => !this.#knownDays.has(day));
    await Promise.all(news.map((day) => this.#table.put({ pk: "FEED", sk: day }, {})));
    for (const day of news) this.#knownDays.add(day);
  }

  events(ask: Ask): Promise<Page<StoredEvent>> {
    return pageOf(ask, (range) => this.#merged(range));
  }

  async last(): Promise<string | undefined> {
    return (await this.#merged({ low: "", high: "~", order: "desc", limit: 1 }))[0]?.eid as string | undefined;
  }

  /** Day by day, each day's shards put in order. */
  async #merged({ low, high, order, limit }: Range): Promise<Item[]> {
    const newest = `evt_${fromTime(Date.now() - this.#lagMs + 1)}`;
    const end = this.#lagMs > 0 && high > newest ? newest : high;
    const found: Item[] = [];
    for (const day of await this.#days(low, end, order)) {
      const pages = await Promise.all(
        shards.map((shard) => this.#table.query({ index: "byFeed", pk: feedPk(day, shard), low: low || "0", high: end, order, limit })),
      );
      const sorted = pages.flat().toSorted((a, b) => (String(a.eid) < String(b.eid) ? -1 : 1));
      found.push(...(order === "desc" ? sorted.toReversed() : sorted).slice(0, limit - found.length));
      if (found.length >= limit) break;
    }
    return found;
  }

  async #days(low: string, high: string, order: "asc" | "desc"): Promise<string[]> {
    const [from, to] = [
      low.startsWith("evt_") ? dayOf(low) : " ",
      high.startsWith("evt_") ? dayOf(high.padEnd(EVENT_ID_LETTERS, "0")) : "~",
    ];
    return (await this.#table.query({ pk: "FEED", low: from, high: to, order, limit: DAYS_MAX })).map(({ sk }) => sk as string);
  }
}

interface Range {
  readonly low: string;
  readonly high: string;
  readonly order: "asc" | "desc";
  readonly limit: number;
}

async function pageOf({ limit, after, order = "asc", types }: Ask, read: (range: Range) => Promise<Item[]>): Promise<Page<StoredEvent>> {
  refuseForeign(after, "event");
  const found: Item[] = [];
  let [cursor, scanned, isExhausted] = [after, 0, false];
  while (found.length <= limit && scanned < SCANNED_MAX && !isExhausted) {
    const bounds = order === "asc" ? { low: cursor ?? "", high: "~" } : { low: "", high: cursor ?? "~" };
    const items = await read({ ...bounds, order, limit: limit + 2 });
    const fresh = items.filter(({ eid }) => eid !== cursor);
    found.push(...fresh.filter(({ type }) => !types || types.includes(type as string)));
    isExhausted = items.length < limit + 2;
    scanned += fresh.length;
    cursor = (fresh.at(-1)?.eid as string | undefined) ?? cursor;
  }
  const items = found.slice(0, limit).map(eventOf);
  if (found.length > limit) return { items, next: items.at(-1)!.id };
  return isExhausted || cursor === undefined ? { items } : { items, next: cursor };
}
