// Batches and runs, and how many of their jobs are where.
import { isGroupEnd, openJobs, type Group, type GroupDecision, type Tally } from "../../../domain/group.ts";
import type { GroupQuery, NewGraph, Page } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import type { Effects } from "./effects.ts";
import { absent, where, type Item } from "./expression.ts";
import type { Jobs } from "./jobs.ts";
import { KEPT, type JobWrites } from "./job-writes.ts";
import { COUNTER_SHARDS, groupKey, groupPk, type Key } from "./keys.ts";
import { inTurn, startingWith, type Table } from "./table.ts";
import type { Transaction } from "./transaction.ts";

const LOOKED_AT_MAX = 1000;
const OPEN_GROUPS = "OPENGROUPS";
const kindPk = (kind: string): string => `GROUPS#${kind}`;

interface StoredGroup {
  readonly group: Group;
  readonly item: Item;
}

export class Groups {
  readonly #table: Table;
  readonly #jobs: Jobs;
  readonly #writes: JobWrites;

  constructor(table: Table, jobs: Jobs, writes: JobWrites) {
    this.#table = table;
    this.#jobs = jobs;
    this.#writes = writes;
  }

  /** `order` sorts groups by their acceptance. */
  insert(tx: Transaction, { group, facts }: NonNullable<NewGraph["group"]>, order: string): void {
    const told = this.#writes.tell(tx, { pk: groupPk(group.id), group: group.id }, null, 0, facts, group.createdAt);
    tx.put(groupKey(group.id), { ...attributesOf(group), order, ...told }, absent);
    tx.put({ pk: kindPk(group.kind), sk: order }, { id: group.id });
    tx.put({ pk: OPEN_GROUPS, sk: order }, { id: group.id });
  }

  async read(id: string): Promise<StoredGroup | null> {
    const item = await this.#table.get(groupKey(id));
    return item && { item, group: JSON.parse(item.data as string) as Group };
  }

  replace(tx: Transaction, { group: before, item }: StoredGroup, { group, facts }: GroupDecision): void {
    const at = group.finishedAt ?? Date.now();
    const told = this.#writes.tell(
      tx,
      { pk: groupPk(group.id), group: group.id },
      (item.lastEvent as string | undefined) ?? null,
      item.events as number,
      facts,
      at,
    );
    tx.update(groupKey(group.id), { set: { ...attributesOf(group), ...told } }, where({ v: before.version }));
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
    return stored && { group: stored.group, tally };
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
    const stored = await this.group(id);
    if (!stored || isGroupEnd(stored.group.state)) return false;
    const { onFailureJob } = stored.group;
    const reserve = onFailureJob !== null && (await this.#jobs.byId(onFailureJob))?.job.state === "created" ? 1 : 0;
    return openJobs(stored.tally) <= reserve;
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
    const all = items.map((item, index) => ({ sk: page[index]!.sk as string, group: item && (JSON.parse(item.data as string) as Group) }));
    const found = all.filter(
      ({ group }) => group && (name === undefined || group.name === name) && (state === undefined || group.state === state),
    );
    const shown = found.slice(0, limit);
    const groups = await inTurn(shown, 8, async ({ group }) => ({ group: group!, tally: await this.tally(group!.id) }));
    const next = found.length > limit ? shown.at(-1)?.sk : rows.length > looked ? page.at(-1)?.sk : undefined;
    return next === undefined ? { items: groups } : { items: groups, next: next as string };
  }
}

const attributesOf = (group: Group): Item => ({ data: JSON.stringify(group), v: group.version });

/** Each shard alone may be below zero. */
export function sumOf(shards: readonly Item[]): Tally {
  const tally: Record<string, number> = {};
  for (const { pk: _, sk: __, [KEPT]: ___, ...counts } of shards) {
    for (const [bucket, count] of Object.entries(counts)) tally[bucket] = (tally[bucket] ?? 0) + (count as number);
  }
  return Object.fromEntries(Object.entries(tally).filter(([, count]) => count > 0));
}
