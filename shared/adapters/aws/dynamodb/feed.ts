// Events as users page through them: of one job from its own items, strongly; of all jobs from the log, in the order of arrival.
import type { StoredEvent } from "../../../domain/history.ts";
import type { Page, Store } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import type { Entry, FeedLog } from "./feed-log.ts";
import { eventsIn, ofJob, shown, timeIn } from "./kept-events.ts";
import { jobPk } from "./keys.ts";
import type { Parts } from "./parts.ts";

type Ask = Parameters<Store["events"]>[0];

/** Events that one page may look at for those of the wanted types. */
const SCANNED_MAX = 2000;
const ENTRIES_AT_ONCE = 20;
const REMEMBERED_MAX = 1000;

export async function eventsOfJob({ jobs, edges }: Parts, id: string, ask: Ask): Promise<Page<StoredEvent>> {
  refuseForeign(ask.after, "event");
  const job = await jobs.byId(id);
  if (!job) return { items: [] };
  const older = (job.events[0]?.seq ?? 1) > 1 ? (await edges.all(jobPk(job.uid), "E#")).flatMap(eventsIn) : [];
  const all = [...older, ...job.events].map((event) => shown(ofJob(job.uid, job.job), event));
  const { after, order = "asc", types, limit } = ask;
  const rest =
    order === "asc" ? all.filter((event) => event.id > (after ?? "")) : all.filter((event) => event.id < (after ?? "~")).toReversed();
  const wanted = rest.filter(({ type }) => !types || types.includes(type));
  const items = wanted.slice(0, limit);
  return wanted.length > limit ? { items, next: items.at(-1)!.id } : { items };
}

/** An event in the log: in which item, and at which place there. */
interface Place {
  readonly n: number;
  readonly index: number;
}

export class Feed {
  readonly #log: FeedLog;
  /** Where pages ended: whoever follows asks for what comes after. */
  readonly #places = new Map<string, Place>();

  constructor(log: FeedLog) {
    this.#log = log;
  }

  async events({ limit, after, order = "asc", types }: Ask): Promise<Page<StoredEvent>> {
    refuseForeign(after, "event");
    const found = new Map<string, StoredEvent>();
    let scanned = 0;
    for await (const { event, place } of this.#walk(after, order)) {
      if (found.size === limit && isWanted(event, types)) return this.#page(found);
      if (isWanted(event, types)) found.set(event.id, event);
      this.#remember(event.id, place);
      if (++scanned >= SCANNED_MAX) return { items: [...found.values()], next: event.id };
    }
    return { items: [...found.values()] };
  }

  #page(found: ReadonlyMap<string, StoredEvent>): Page<StoredEvent> {
    const items = [...found.values()];
    return { items, next: items.at(-1)!.id };
  }

  async last(): Promise<string | undefined> {
    return (await this.#log.head())?.last;
  }

  async *#walk(after: string | undefined, order: "asc" | "desc"): AsyncGenerator<{ event: StoredEvent; place: Place }> {
    const start = after === undefined ? (order === "asc" ? FIRST : LAST) : await this.#placeOf(after);
    let n = start.n;
    for (;;) {
      const entries = await (order === "asc" ? this.#log.upFrom(n, ENTRIES_AT_ONCE) : this.#log.downFrom(n, ENTRIES_AT_ONCE));
      for (const entry of entries) for (const spot of spotsOf(entry, start, order)) yield spot;
      if (entries.length < ENTRIES_AT_ONCE) return;
      n = entries.at(-1)!.n + (order === "asc" ? 1 : -1);
    }
  }

  /** Of an event that the log does not know (yet), the place where those of its time begin: rather one twice than one never. */
  async #placeOf(id: string): Promise<Place> {
    const known = this.#places.get(id);
    if (known) return known;
    const time = timeIn(id);
    return (await this.#log.find(id, time)) ?? { n: await this.#log.firstFrom(time), index: -1 };
  }

  #remember(id: string, place: Place): void {
    if (this.#places.size >= REMEMBERED_MAX) this.#places.clear();
    this.#places.set(id, place);
  }
}

const FIRST: Place = { n: 0, index: -1 };
const LAST: Place = { n: Number.MAX_SAFE_INTEGER - 1, index: Infinity };

const isWanted = ({ type }: StoredEvent, types: Ask["types"]): boolean => !types || types.includes(type);

function spotsOf({ n, events }: Entry, start: Place, order: "asc" | "desc"): { event: StoredEvent; place: Place }[] {
  const spots = events.map((event, index) => ({ event, place: { n, index } }));
  if (n !== start.n) return order === "asc" ? spots : spots.toReversed();
  return order === "asc" ? spots.slice(start.index + 1) : spots.slice(0, Math.max(0, start.index)).toReversed();
}
