// The smaller reads of the port.
import { holdsTurn, isFinished, type Job } from "../../../domain/job.ts";
import type { Input, JobView, Page, PageAsk, Store } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { edgeOf } from "./edges.ts";
import { Effects } from "./effects.ts";
import { finishOpenGraphs } from "./finish-graph.ts";
import { jobPk, openPk, shards } from "./keys.ts";
import { mergedUids } from "./job-sources.ts";
import type { Parts } from "./parts.ts";
import { startingWith } from "./table.ts";

/** Oldest first. */
export async function unfinishedTurns({ table, jobs }: Parts, { limit, after }: PageAsk): Promise<Page<Job>> {
  refuseForeign(after, "job");
  const sources = shards.map((shard) => ({ index: "byOpen" as const, pk: openPk("turn", shard) }));
  const uids = await mergedUids(table, sources, { low: after ?? "0", high: "~", after, order: "asc", limit: limit + 1 });
  const page = uids.slice(0, limit);
  const items = (await jobs.byUids(page)).flatMap((stored) => (stored && holdsTurn(stored.job) ? [stored.job] : []));
  return uids.length > limit ? { items, next: page.at(-1)! } : { items };
}

export async function inputs(parts: Parts, id: string): Promise<Input[]> {
  const job = await parts.jobs.byId(id);
  if (!job) return [];
  const edges = await parts.edges.all(jobPk(job.uid), "IN#");
  const parents = (await parts.jobs.byUids(edges.map(({ parentUid }) => parentUid as string))).filter((parent) => parent !== null);
  const views = new Map<string, JobView | null>();
  while (views.size < parents.length) {
    const left = parents.slice(views.size);
    for (const [index, view] of (await parts.jobs.viewsOf(left)).entries()) views.set(left[index]!.uid, view);
  }
  return edges.flatMap((edge) => {
    const view = views.get(edge.parentUid as string);
    const { label, pass } = edgeOf(edge);
    return view ? [{ parent: view.job.id, label, pass, state: view.job.state, result: view.result, spec: view.spec }] : [];
  });
}

export async function edges(parts: Parts, id: string, side: "in" | "out", { limit, after }: PageAsk): ReturnType<Store["edges"]> {
  refuseForeign(after, side);
  const job = await parts.jobs.byId(id);
  if (!job) return { items: [] };
  const { low, high } = startingWith(side === "in" ? "IN#" : "OUT#");
  const asked = { pk: jobPk(job.uid), low: after ?? low, high, limit: limit + 2 };
  const rows = (await parts.table.query(asked)).filter(({ sk }) => sk !== after);
  const page = rows.slice(0, limit);
  const others = await parts.jobs.byUids(page.map((row) => (side === "in" ? row.parentUid : row.childUid) as string));
  const items = page.flatMap((row, index) => (others[index] ? [{ ...edgeOf(row), jobState: others[index].job.state }] : []));
  return rows.length > limit ? { items, next: page.at(-1)!.sk as string } : { items };
}

/** Pools that one round of recovery looks at. */
const POOLS_MAX = 1000;

/**
 * What recovery asks first: it also goes on with graphs whose writer did not live to finish them, and gives slots that came free
 * to those who wait for one.
 */
export async function unreleased(parts: Parts, max: number): Promise<string[]> {
  await finishOpenGraphs(parts, max);
  await parts.pools.admitAll(POOLS_MAX, new Effects());
  const rows = await parts.table.query({ pk: "UNRELEASED", low: " ", high: "~", limit: max });
  const stored = await parts.jobs.byUids(rows.map(({ sk }) => sk as string));
  return stored.flatMap((found) => (found && isFinished(found.job) ? [found.job.id] : []));
}
