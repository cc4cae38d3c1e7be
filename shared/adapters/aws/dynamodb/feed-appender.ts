// Appends to the log what it does not tell yet. Several may append at once: only one gets the next number, the others look again.
import type { StoredEvent } from "../../../domain/history.ts";
import { SECOND } from "../../../domain/duration.ts";
import type { Entry, FeedLog } from "./feed-log.ts";
import type { RecordChange } from "./stream-record.ts";
import { unavailable } from "./unavailable.ts";

/** So far the clocks of DynamoDB and of ours may differ. */
const SKEW_MS = 10 * SECOND;
/** An item holds 400 KB: events are kept below that even if they cannot be compressed at all. */
const ENTRY_BYTES_MAX = 300_000;
const ENTRY_CHANGES_MAX = 2000;
const ENTRIES_AT_ONCE = 50;
/** Entries that are looked through for a change that comes again; and marks kept in memory for the next call. */
const LOOKED_BACK_MAX = 5000;
const MARKS_KEPT_MAX = 100_000;
const TRIES = 200;

type Known = Omit<Entry, "events">;

export class FeedAppender {
  readonly #log: FeedLog;
  readonly #retentionMs: number;
  /** The end of the log as far as it is known, without a gap. */
  #known: Known[] = [];
  #marks = new Set<string>();
  #isWhole = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: FeedLog, retentionMs: number) {
    this.#log = log;
    this.#retentionMs = retentionMs;
  }

  /** One call after the other: they share what is known of the log. */
  append(changes: readonly RecordChange[]): Promise<void> {
    const turn = this.#last.then(() => this.#append(changes));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #append(changes: readonly RecordChange[]): Promise<void> {
    const telling = changes.filter(({ events, from, to }) => events.length > 0 || from !== to);
    const once = new Map(telling.map((change) => [change.mark, change]));
    for (const part of inParts([...once.values()])) await this.#appendPart(part);
    if (this.#marks.size > MARKS_KEPT_MAX) this.#knowOnly(this.#known.slice(-1));
  }

  async #appendPart(part: readonly RecordChange[]): Promise<void> {
    // A change cannot have been told before it was written.
    const since = Math.min(...part.map(({ writtenAt }) => writtenAt)) - SKEW_MS;
    if (this.#known.length === 0) await this.#knowHead();
    for (let tries = 0; tries < TRIES; tries++) {
      await this.#lookBackTo(since);
      const fresh = part.filter(({ mark }) => !this.#marks.has(mark));
      if (fresh.length === 0) return;
      const head = this.#known.at(-1) ?? null;
      const entry = following(head, fresh);
      // Also refused if it was appended by this very call and only the answer was lost: then it is found to be told.
      if (await this.#log.append(entry, head, this.#retentionMs)) return this.#know(entry);
      await this.#lookForward();
    }
    throw unavailable("many append to the feed");
  }

  #know({ n, at, counts, told, last }: Entry, isOlder = false): void {
    this.#known[isOlder ? "unshift" : "push"]({ n, at, counts, told, last });
    for (const mark of told) this.#marks.add(mark);
  }

  #knowOnly(entries: readonly Known[]): void {
    [this.#known, this.#marks, this.#isWhole] = [[], new Set(), false];
    for (const entry of entries) this.#know({ ...entry, events: [] });
  }

  async #knowHead(): Promise<void> {
    const head = await this.#log.head();
    this.#knowOnly(head ? [head] : []);
  }

  async #lookForward(): Promise<void> {
    const end = this.#known.at(-1);
    const entries = end ? await this.#log.upFrom(end.n + 1, ENTRIES_AT_ONCE) : [];
    // Far behind: what matters is at the end.
    if (entries.length === 0 || entries.length === ENTRIES_AT_ONCE) return this.#knowHead();
    for (const entry of entries) this.#know(entry);
  }

  async #lookBackTo(time: number): Promise<void> {
    while (!this.#isWhole && this.#known.length > 0 && this.#known.length < LOOKED_BACK_MAX) {
      const first = this.#known[0]!;
      if (first.at < time) return;
      const older = await this.#log.downFrom(first.n - 1, ENTRIES_AT_ONCE);
      this.#isWhole = older.length < ENTRIES_AT_ONCE;
      for (const entry of older) this.#know(entry, true);
    }
  }
}

function following(head: Known | null, changes: readonly RecordChange[]): Entry {
  const counts: Record<string, number> = { ...head?.counts };
  const count = (bucket: string, by: number) => (counts[bucket] = (counts[bucket] ?? 0) + by);
  for (const { from, to } of changes) {
    if (from !== null) count(from, -1);
    if (to !== null) count(to, 1);
  }
  const events = changes.flatMap((change): readonly StoredEvent[] => change.events);
  return {
    n: (head?.n ?? 0) + 1, at: Math.max(Date.now(), head?.at ?? 0), events, counts, told: changes.map(({ mark }) => mark),
    last: events.at(-1)?.id ?? head?.last,
  }; // prettier-ignore
}

function inParts(changes: readonly RecordChange[]): RecordChange[][] {
  const parts: RecordChange[][] = [];
  let bytes = Infinity;
  for (const change of changes) {
    const size = Buffer.byteLength(JSON.stringify(change.events));
    if (bytes + size > ENTRY_BYTES_MAX || parts.at(-1)!.length >= ENTRY_CHANGES_MAX) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(change);
    bytes += size;
  }
  return parts;
}
