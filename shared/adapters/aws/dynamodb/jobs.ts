// Reading jobs: strongly, and only those that exist. A job of a graph that is still being written does not, nor one that is past
// its retention and only waits for DynamoDB to forget it.
import type { Progress } from "../../../domain/progress.ts";
import type { JobView } from "../../../ports/store.ts";
import type { Item } from "./expression.ts";
import { bodyKey, commitKey, idKey, jobKey, jobPk, resultKey } from "./keys.ts";
import { storedJobOf, type StoredJob } from "./stored-job.ts";
import { inTurn, startingWith, type Table } from "./table.ts";
import { bytesIn, type StoredText, type Texts } from "./texts.ts";

/** Views that are read at once, should their texts lie elsewhere. */
const VIEWS_AT_ONCE = 8;
/** Of the texts of one page. */
const PAGE_BYTES_MAX = 16_000_000;

/** The ULID in an id such as we make. Users may choose such ids too: `isOurs` in planned.ts says which count as ours. */
export const ulidIn = (id: string): string | null => /^job_([0-7][0-9A-HJKMNP-TV-Z]{25})$/.exec(id)?.[1] ?? null;

export class Jobs {
  readonly #table: Table;
  readonly #texts: Texts;
  readonly #now: () => number;
  readonly #known = new WeakMap<object, StoredJob>();

  constructor(table: Table, texts: Texts, now: () => number) {
    this.#table = table;
    this.#texts = texts;
    this.#now = now;
  }

  /** How a job was stored that was read or written here. The version fences whatever is decided on it, so it may be an old one. */
  known(job: object): StoredJob | null {
    return this.#known.get(job) ?? null;
  }

  remember<T extends StoredJob | null>(stored: T): T {
    if (stored?.graph === null) this.#known.set(stored.job, stored);
    return stored;
  }

  async byId(id: string): Promise<StoredJob | null> {
    return (await this.byIds([id]))[0]!;
  }

  async byIds(ids: readonly string[]): Promise<(StoredJob | null)[]> {
    const uids = ids.map(ulidIn);
    const direct = await this.byUids(uids.filter((uid) => uid !== null));
    const found = new Map(direct.flatMap((stored) => (stored && !stored.hasOwnId ? [[stored.job.id, stored]] : [])));
    const others = ids.filter((id) => !found.has(id));
    const rows = await this.#table.getAll(others.map(idKey));
    const byRow = await this.byUids(rows.flatMap((row) => (row ? [row.uid as string] : [])));
    for (const stored of byRow) if (stored) found.set(stored.job.id, stored);
    return ids.map((id) => found.get(id) ?? null);
  }

  async byUid(uid: string): Promise<StoredJob | null> {
    return (await this.byUids([uid]))[0]!;
  }

  async byUids(uids: readonly string[]): Promise<(StoredJob | null)[]> {
    const found = await this.keptByUids(uids);
    return found.map((stored) => (stored && this.#isThere(stored) ? stored : null));
  }

  /** Also those that only wait to be forgotten. */
  async keptByUids(uids: readonly string[]): Promise<(StoredJob | null)[]> {
    const found = (await this.#table.getAll(uids.map(jobKey))).map(storedJobOf);
    const graphs = [...new Set(found.flatMap((stored) => (stored?.graph ? [stored.graph] : [])))];
    const commits = await this.#table.getAll(graphs.map(commitKey));
    const committed = new Set(graphs.filter((_, index) => commits[index]));
    return found.map((stored) => (stored?.graph && !committed.has(stored.graph) ? null : this.remember(stored)));
  }

  #isThere({ goneAt }: StoredJob): boolean {
    return goneAt === null || goneAt > this.#now();
  }

  async view(id: string): Promise<JobView | null> {
    const uid = ulidIn(id);
    const direct = uid === null ? null : await this.#viewByUid(uid, false);
    if (direct) return direct;
    const row = await this.#table.get(idKey(id));
    return row && this.#viewByUid(row.uid as string, true);
  }

  /** One read for a plain job. */
  async #viewByUid(uid: string, hasOwnId: boolean): Promise<JobView | null> {
    const items = await this.#table.query({ pk: jobPk(uid), ...startingWith("A#"), limit: 3 });
    const item = (key: { sk: string }) => items.find(({ sk }) => sk === key.sk) ?? null;
    const stored = this.remember(storedJobOf(item(jobKey(uid))));
    if (!stored || stored.hasOwnId !== hasOwnId || !this.#isThere(stored)) return null;
    // A rare way: the graph's own word is needed.
    if (stored.graph !== null && !(await this.byUid(uid))) return null;
    return this.#viewOf(stored, item(bodyKey(uid)), item(resultKey(uid)));
  }

  /** Of the first of them: fewer where they are so large that all would fill the memory. Null for one that is being removed. */
  async viewsOf(jobs: readonly StoredJob[]): Promise<(JobView | null)[]> {
    const apart = jobs.flatMap(({ uid, body, isResultApart }) => [
      ...(body ? [] : [bodyKey(uid)]),
      ...(isResultApart ? [resultKey(uid)] : []),
    ]);
    const items = new Map((await this.#table.getAll(apart)).map((item, index) => [`${apart[index]!.pk} ${apart[index]!.sk}`, item]));
    const item = (key: { pk: string; sk: string }) => items.get(`${key.pk} ${key.sk}`) ?? null;
    const parts = jobs.map((stored) => ({ stored, body: item(bodyKey(stored.uid)), result: item(resultKey(stored.uid)) }));
    const page = withinBytes(parts, ({ stored, body, result }) => bytesOf(stored, body, result));
    return inTurn(page, VIEWS_AT_ONCE, ({ stored, body, result }) => this.#viewOf(stored, body, result));
  }

  /** Null if it is being removed. */
  async bodyOf(stored: StoredJob): Promise<Pick<JobView, "spec" | "params"> | null> {
    const body = stored.body ?? ((await this.#table.get(bodyKey(stored.uid))) as StoredJob["body"]);
    if (!body) return null;
    const [spec, params] = await Promise.all([this.#texts.read(body.spec), this.#texts.read(body.params)]);
    return spec === null || params === null ? null : { spec, params };
  }

  async #viewOf(stored: StoredJob, bodyItem: Item | null, resultItem: Item | null): Promise<JobView | null> {
    const body = stored.body ?? (bodyItem as StoredJob["body"]);
    if (!body) return null;
    const read = (text: unknown) => (text ? this.#texts.read(text as StoredText) : null);
    const [spec, params, progress, result] = await Promise.all([
      this.#texts.read(body.spec),
      this.#texts.read(body.params),
      read(stored.progress),
      read(stored.result ?? resultItem?.result),
    ]);
    if (spec === null || params === null) return null;
    return { job: stored.job, spec, params, progress: progress === null ? null : (JSON.parse(progress) as Progress), result };
  }
}

const bytesOf = ({ body, result }: StoredJob, bodyItem: Item | null, resultItem: Item | null): number =>
  [body?.params ?? bodyItem?.params, body?.spec ?? bodyItem?.spec, result ?? resultItem?.result]
    .filter((text) => text !== undefined)
    .reduce((sum: number, text) => sum + bytesIn(text as StoredText), 0);

/** The first of them, at least one. */
export function withinBytes<T>(items: readonly T[], bytesOfItem: (item: T) => number): T[] {
  let bytes = 0;
  return items.filter((item, index) => {
    bytes += bytesOfItem(item);
    return index === 0 || bytes <= PAGE_BYTES_MAX;
  });
}
