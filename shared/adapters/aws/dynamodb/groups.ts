// Batches and runs, and how many of their jobs are where.
import { isGroupEnd, openJobs, type Group, type GroupDecision, type Tally } from "../../../domain/group.ts";
import type { FileName } from "../../../names.ts";
import type { GroupQuery, NewGraph, Page } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import type { Effects } from "./effects.ts";
import { absent, where, type Item } from "./expression.ts";
import { withinBytes, type Jobs } from "./jobs.ts";
import { KEPT } from "./job-writes.ts";
import { eventsIn, fitted, following, packed } from "./kept-events.ts";
import { COUNTER_SHARDS, groupKey, groupPk, type Key } from "./keys.ts";
import { inTurn, startingWith, type Table } from "./table.ts";
import { bytesIn, type StoredText, type Texts } from "./texts.ts";
import type { Transaction } from "./transaction.ts";

const LOOKED_AT_MAX = 1000;
const OPEN_GROUPS = "OPENGROUPS";
const kindPk = (kind: string): string => `GROUPS#${kind}`;

/** Everything of a group that lies elsewhere lies under this. */
export const groupFolder = (id: string): FileName => `groups/${id}/`;

interface StoredGroup {
  /** Its params may lie elsewhere: then they are null here. */
  readonly group: Group;
  readonly item: Item;
}

export type NewGroup = NonNullable<NewGraph["group"]> & { readonly params: StoredText | null };

export class Groups {
  readonly #table: Table;
  readonly #jobs: Jobs;
  readonly #texts: Texts;

  constructor(table: Table, jobs: Jobs, texts: Texts) {
    this.#table = table;
    this.#jobs = jobs;
    this.#texts = texts;
  }

  async placed(given: NonNullable<NewGraph["group"]>): Promise<NewGroup> {
    const { id, params } = given.group;
    return { ...given, params: params === null ? null : await this.#texts.store(`${groupFolder(id)}params`, params) };
  }

  /** `order` sorts groups by their acceptance. */
  insert(tx: Transaction, { group, facts, params }: NewGroup, order: string): void {
    const e = following(undefined, facts, group.createdAt).map(packed);
    tx.put(groupKey(group.id), { ...attributesOf(group), params: params ?? undefined, order, e }, absent);
    tx.put({ pk: kindPk(group.kind), sk: order }, { id: group.id });
    tx.put({ pk: OPEN_GROUPS, sk: order }, { id: group.id });
  }

  async read(id: string): Promise<StoredGroup | null> {
    const item = await this.#table.get(groupKey(id));
    return item && { item, group: groupOf(item) };
  }

  /** Of its own events only the latest are kept: nobody asks for those of one group, and the feed has them all. */
  replace(tx: Transaction, { group: before, item }: StoredGroup, { group, facts }: GroupDecision): void {
    const told = eventsIn(item);
    const { kept } = fitted(told, following(told.at(-1), facts, group.finishedAt ?? Date.now()));
    tx.update(groupKey(group.id), { set: { ...attributesOf(group), e: kept.map(packed) } }, where({ v: before.version }));
    const open: Key = { pk: OPEN_GROUPS, sk: item.order as string };
    if (isGroupEnd(group.state)) tx.delete(open);
    else tx.put(open, { id: group.id });
  }

  /** Where it is listed. */
  rowsOf({ group, item }: StoredGroup): Key[] {
    return [kindPk(group.kind), OPEN_GROUPS].map((pk) => ({ pk, sk: item.order as string }));
  }

  async tally(id: string): Promise<Tally> {
    return sumOf(await this.#table.query({ pk: groupPk(id), ...startingWith("TALLY#"), limit: COUNTER_SHARDS }));
  }

  async group(id: string): Promise<{ group: Group; tally: Tally } | null> {
    const [stored, tally] = await Promise.all([this.read(id), this.tally(id)]);
    return stored && { group: await this.#whole(stored), tally };
  }

  async #whole({ group, item }: StoredGroup): Promise<Group> {
    const params = item.params === undefined ? null : await this.#texts.read(item.params as StoredText);
    return { ...group, params };
  }

  async noticeIdle(ids: readonly string[], effects: Effects): Promise<void> {
    for (const id of ids) {
      // One may be open: the job that waits for a failure of the others.
      if (openJobs(await this.tally(id)) <= 1) effects.idleGroups.add(id);
    }
  }

  /** Looks at the oldest open groups only: `LOOKED_AT_MAX` of them with open jobs hide a younger one. */
  async idle(max: number): Promise<string[]> {
    const rows = await this.#table.query({ pk: OPEN_GROUPS, low: " ", high: "~", limit: LOOKED_AT_MAX });
    const found: string[] = [];
    await inTurn(rows, 8, async ({ id }) => {
      if (found.length < max && (await this.#isIdle(id as string))) found.push(id as string);
    });
    return found.slice(0, max);
  }

  async #isIdle(id: string): Promise<boolean> {
    const [stored, tally] = await Promise.all([this.read(id), this.tally(id)]);
    if (!stored || isGroupEnd(stored.group.state)) return false;
    const { onFailureJob } = stored.group;
    const reserve = onFailureJob !== null && (await this.#jobs.byId(onFailureJob))?.job.state === "created" ? 1 : 0;
    return openJobs(tally) <= reserve;
  }

  /** Name and state are looked at row by row, within a bound: a page may be short, and its cursor goes on. */
  async list({ kind, name, state, limit, after, order }: GroupQuery): Promise<Page<{ group: Group; tally: Tally }>> {
    refuseForeign(after, "job");
    const bounds = order === "asc" ? { low: after ?? " ", high: "~" } : { low: " ", high: after ?? "~" };
    const looked = name === undefined && state === undefined ? limit : LOOKED_AT_MAX;
    const rows = (await this.#table.query({ pk: kindPk(kind), ...bounds, order: order ?? "desc", limit: looked + 2 })).filter(
      ({ sk }) => sk !== after,
    );
    const page = rows.slice(0, looked);
    const items = await this.#table.getAll(page.map(({ id }) => groupKey(id as string)));
    const all = items.flatMap((item, index) => (item ? [{ sk: page[index]!.sk as string, item, group: groupOf(item) }] : []));
    const found = all.filter(({ group }) => (name === undefined || group.name === name) && (state === undefined || group.state === state));
    const shown = withinBytes(found.slice(0, limit), ({ item }) => bytesIn((item.params as StoredText | undefined) ?? ""));
    const groups = await inTurn(shown, 8, async (stored) => ({
      group: await this.#whole(stored),
      tally: await this.tally(stored.group.id),
    }));
    const next = found.length > shown.length ? shown.at(-1)?.sk : rows.length > looked ? page.at(-1)?.sk : undefined;
    return next === undefined ? { items: groups } : { items: groups, next: next as string };
  }
}

const attributesOf = ({ params: _, ...group }: Group): Item => ({ data: JSON.stringify(group), v: group.version });

export const groupOf = (item: Item): Group => ({ ...(JSON.parse(item.data as string) as Omit<Group, "params">), params: null });

/** Each shard alone may be below zero. */
export function sumOf(shards: readonly Item[]): Tally {
  const tally: Record<string, number> = {};
  for (const { pk: _, sk: __, [KEPT]: ___, ...counts } of shards) {
    for (const [bucket, count] of Object.entries(counts)) tally[bucket] = (tally[bucket] ?? 0) + (count as number);
  }
  return Object.fromEntries(Object.entries(tally).filter(([, count]) => count > 0));
}
