/*
 * All events, in the order in which they arrived. The log's items are numbered without gaps: whoever appends writes the number behind
 * the last that he knows, on condition that it is not there. So whatever lies behind a reader is complete, however late something
 * comes, and nobody who follows misses it. An item also tells how many jobs are in which state after it, and which changes it tells
 * of: events, counts and the memory of what was told are one write.
 *
 * An event is found by its id: what came soon after its time lies near the item of that time (FEED#TIMES), whatever came later is
 * noted by its own time (FEED#LATE).
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { DAY, SECOND } from "../../../domain/duration.ts";
import type { StoredEvent } from "../../../domain/history.ts";
import { where, type Item } from "./expression.ts";
import { timeIn } from "./kept-events.ts";
import { padded, type Key } from "./keys.ts";
import { TTL_ATTRIBUTE } from "./table-definition.ts";
import type { Table } from "./table.ts";

const FEED = "FEED";
const TIMES = "FEED#TIMES";
const LATE = "FEED#LATE";

export const FEED_RETENTION_MS = 30 * DAY;
/** Times are noted so exactly. An event that arrives within that after its time, by whatever clock, is not late. */
const STEP_MS = 10 * SECOND;
const LOOKED_AT_ONCE = 20;

export interface Entry {
  readonly n: number;
  /** When it arrived: never before the one in front of it. */
  readonly at: number;
  readonly events: readonly StoredEvent[];
  /** Of all jobs, by bucket; may hold zeros. */
  readonly counts: Readonly<Record<string, number>>;
  /** Marks of the changes that it tells of. */
  readonly told: readonly string[];
  /** The last event of all up to here. */
  readonly last: string | undefined;
}

const feedKey = (n: number): Key => ({ pk: FEED, sk: padded(n) });
const stepOf = (time: number): number => Math.floor(time / STEP_MS);

const MARK_BYTES = 8;
/** Of whatever names a change: no two changes share a mark. */
export const markOf = (name: string): string =>
  createHash("sha256")
    .update(name)
    .digest("hex")
    .slice(0, MARK_BYTES * 2);

export class FeedLog {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async head(): Promise<Entry | null> {
    return (await this.#entries({ low: "0", high: "~", order: "desc", limit: 1 }))[0] ?? null;
  }

  /** `from` included. */
  upFrom(from: number, limit: number): Promise<Entry[]> {
    return this.#entries({ low: padded(from), high: "~", order: "asc", limit });
  }

  /** `from` included. */
  downFrom(from: number, limit: number): Promise<Entry[]> {
    return this.#entries({ low: "0", high: padded(from), order: "desc", limit });
  }

  async #entries(range: { low: string; high: string; order: "asc" | "desc"; limit: number }): Promise<Entry[]> {
    return (await this.#table.query({ pk: FEED, ...range })).map(entryOf);
  }

  /** False if somebody else has appended under this number. */
  async append(entry: Entry, before: Pick<Entry, "at"> | null, retentionMs: number): Promise<boolean> {
    const ttl = { [TTL_ATTRIBUTE]: Math.ceil((entry.at + retentionMs) / SECOND) };
    // First, so that whoever dies in between leaves a note that names nothing, not an event that nobody finds.
    await this.#table.writeAll(notesOf(entry, before).map((key) => ({ ...key, n: entry.n, ...ttl })));
    return this.#table.putNew(feedKey(entry.n), { ...itemOf(entry), ...ttl });
  }

  /** Where an event of that time lies: its number and its place. Null = it is not there, or no longer. */
  async find(id: string, time: number): Promise<{ n: number; index: number } | null> {
    for (let n = await this.firstFrom(time); ;) {
      const page = await this.upFrom(n, LOOKED_AT_ONCE);
      const found = placeIn(page, id);
      if (found) return found;
      const end = page.at(-1);
      if (!end || end.at > time + STEP_MS || page.length < LOOKED_AT_ONCE) break;
      n = end.n + 1;
    }
    const step = padded(stepOf(time));
    const notes = await this.#table.query({ pk: LATE, low: `${step}#`, high: `${step}#~`, limit: Number.MAX_SAFE_INTEGER });
    const late = await this.#table.getAll(notes.map(({ n }) => feedKey(n as number)));
    const found = late.filter((item) => item !== null);
    return placeIn(found.map(entryOf), id);
  }

  /** Whatever arrived then or later, by whatever clock, has this number or a greater one. */
  async firstFrom(time: number): Promise<number> {
    const [note] = await this.#table.query({ pk: TIMES, low: "0", high: padded(time - STEP_MS), order: "desc", limit: 1 });
    return (note?.n as number | undefined) ?? 0;
  }
}

function placeIn(entries: readonly Entry[], id: string): { n: number; index: number } | null {
  for (const { n, events } of entries) {
    const index = events.findIndex((event) => event.id === id);
    if (index >= 0) return { n, index };
  }
  return null;
}

function notesOf(entry: Entry, before: Pick<Entry, "at"> | null): Key[] {
  const times = before && stepOf(before.at) === stepOf(entry.at) ? [] : [{ pk: TIMES, sk: padded(entry.at) }];
  const late = entry.events.map(({ id }) => timeIn(id)).filter((time) => Math.abs(entry.at - time) > STEP_MS);
  const steps = new Set(late.map(stepOf));
  return [...times, ...[...steps].map((step) => ({ pk: LATE, sk: `${padded(step)}#${padded(entry.n)}` }))];
}

const itemOf = ({ at, events, counts, told, last }: Entry): Item => ({
  at, c: counts, last, k: told.length > 0 ? Buffer.from(told.join(""), "hex") : undefined,
  z: events.length > 0 ? gzipSync(JSON.stringify(events)) : undefined,
}); // prettier-ignore

function entryOf(item: Item): Entry {
  const told = Buffer.from((item.k as Uint8Array | undefined) ?? []).toString("hex");
  return {
    n: Number(item.sk), at: item.at as number, counts: item.c as Entry["counts"], last: item.last as string | undefined,
    told: told.match(new RegExp(`.{${MARK_BYTES * 2}}`, "g")) ?? [],
    events: item.z === undefined ? [] : (JSON.parse(gunzipSync(item.z as Uint8Array).toString()) as StoredEvent[]),
  }; // prettier-ignore
}

/** The last item tells how many jobs there are: it must not be forgotten, however long nothing happens. For sweeps. */
export async function keepHead(table: Table): Promise<void> {
  const [head] = await table.query({ pk: FEED, low: "0", high: "~", order: "desc", limit: 1 });
  if (!head) return;
  const ttl = Math.ceil((Date.now() + FEED_RETENTION_MS) / SECOND);
  const isNear = (head[TTL_ATTRIBUTE] as number) < Math.ceil((Date.now() + FEED_RETENTION_MS / 2) / SECOND);
  if (isNear) await table.update({ pk: FEED, sk: head.sk as string }, { set: { [TTL_ATTRIBUTE]: ttl } }, where({ at: head.at as number }));
}
