// The smaller reads of the port.
import { isFinished, wakeAt, type Job } from "../../../domain/job.ts";
import type { Tally } from "../../../domain/group.ts";
import type { Input, Page, PageAsk, Store } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { edgeOf } from "./edges.ts";
import { finishOpenGraphs } from "./finish-graph.ts";
import { sumOf } from "./groups.ts";
import { bodyKey, COUNTER_SHARDS, jobPk, padded, resultKey, shards } from "./keys.ts";
import { mergedUids } from "./list-jobs.ts";
import type { Parts } from "./parts.ts";
import { startingWith } from "./table.ts";

export async function unfinishedTurns({ table, jobs }: Parts, { limit, after }: PageAsk): Promise<Page<Job>> {
  refuseForeign(after, "job");
  const sources = ["starting", "running"].flatMap((state) =>
    shards.map((shard) => ({ index: "byState" as const, pk: `${state}#${shard}` })),
  );
  const uids = await mergedUids(table, sources, { low: after ?? "0", high: "~", after, order: "asc", limit: limit + 1 });
  const page = uids.slice(0, limit);
  const items = (await jobs.byUids(page)).flatMap((stored) =>
    stored?.job.state === "starting" || stored?.job.state === "running" ? [stored.job] : [],
  );
  return uids.length > limit ? { items, next: page.at(-1)! } : { items };
}

async function soonest({ table }: Parts, kind: "DUE" | "PURGE", until: string, limit: number): Promise<{ at: number; uid: string }[]> {
  const pages = await Promise.all(
    shards.map((shard) => table.query({ index: "byTime", pk: `${kind}#${shard}`, low: " ", high: until, limit })),
  );
  const rows = pages.flat().map(({ timeSk }) => String(timeSk)).toSorted().slice(0, limit); // prettier-ignore
  return rows.map((row) => ({ at: Number(row.slice(0, row.indexOf("#"))), uid: row.slice(row.indexOf("#") + 1) }));
}

export const toPurge = (parts: Parts, now: number, max: number) => soonest(parts, "PURGE", `${padded(now)}#~`, max);

export async function due(parts: Parts, now: number, max: number): Promise<Job[]> {
  const rows = await soonest(parts, "DUE", `${padded(now)}#~`, max);
  const stored = await parts.jobs.byUids(rows.map(({ uid }) => uid));
  return stored.flatMap((found) => (found && (wakeAt(found.job) ?? Infinity) <= now ? [found.job] : []));
}

export const nextDueAt = async (parts: Parts): Promise<number | null> => (await soonest(parts, "DUE", "~", 1))[0]?.at ?? null;

export async function inputs(parts: Parts, id: string): Promise<Input[]> {
  const uid = await parts.jobs.uidOf(id);
  if (uid === null) return [];
  const edges = await parts.edges.all(jobPk(uid), "IN#");
  const parents = edges.map(({ parentUid }) => parentUid as string);
  const [stored, bodies, results] = await Promise.all([
    parts.jobs.byUids(parents),
    parts.table.getAll(parents.map(bodyKey)),
    parts.table.getAll(parents.map(resultKey)),
  ]);
  return edges.flatMap((item, index) => {
    const [parent, body] = [stored[index], bodies[index]];
    if (!parent || !body) return [];
    const { label, pass } = edgeOf(item);
    return [
      {
        parent: parent.job.id,
        label,
        pass,
        state: parent.job.state,
        result: (results[index]?.result as string | undefined) ?? null,
        spec: body.spec as string,
      },
    ];
  });
}

export async function edges(parts: Parts, id: string, side: "in" | "out", { limit, after }: PageAsk): ReturnType<Store["edges"]> {
  refuseForeign(after, side);
  const uid = await parts.jobs.uidOf(id);
  if (uid === null) return { items: [] };
  const { low, high } = startingWith(side === "in" ? "IN#" : "OUT#");
  const rows = (await parts.table.query({ pk: jobPk(uid), low: after ?? low, high, limit: limit + 2 })).filter(({ sk }) => sk !== after);
  const page = rows.slice(0, limit);
  const others = await parts.jobs.byUids(page.map((row) => (side === "in" ? row.parentUid : row.childUid) as string));
  const items = page.flatMap((row, index) => (others[index] ? [{ ...edgeOf(row), jobState: others[index].job.state }] : []));
  return rows.length > limit ? { items, next: page.at(-1)!.sk as string } : { items };
}

/** Also goes on with graphs whose writer did not live to finish them: this is what recovery asks first. */
export async function unreleased(parts: Parts, max: number): Promise<string[]> {
  await finishOpenGraphs(parts, max);
  const rows = await parts.table.query({ pk: "UNRELEASED", low: " ", high: "~", limit: max });
  const stored = await parts.jobs.byUids(rows.map(({ sk }) => sk as string));
  return stored.flatMap((found) => (found && isFinished(found.job) ? [found.job.id] : []));
}

export const counts = async ({ table }: Parts): Promise<Tally> =>
  sumOf(await table.query({ pk: "COUNTS", low: " ", high: "~", limit: COUNTER_SHARDS }));
