/*
 * Lists of jobs, newest first or oldest first. An index names the jobs, each is read again and looked at: a page may be short,
 * and its cursor, an internal id, goes on behind the last job that was looked at.
 */
import { SwitchyardError } from "../../../domain/errors.ts";
import type { JobQuery, JobView, Page } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { bodyKey, shards, tagPk } from "./keys.ts";
import type { Parts } from "./parts.ts";
import type { StoredJob } from "./stored-job.ts";
import type { IndexName } from "./table-definition.ts";
import type { Table } from "./table.ts";
import { fromTime } from "./ulids.ts";

/** Jobs that one page may look at. */
const SCANNED_MAX = 1000;
/** So far a machine's clock may be behind another's. */
const SKEW_MS = 60_000;

export interface Source {
  readonly pk: string;
  readonly index?: IndexName;
}

export async function listJobs(parts: Parts, query: JobQuery): Promise<Page<JobView>> {
  if ((query.sort ?? "createdAt") !== "createdAt" || query.offset !== undefined) {
    throw new SwitchyardError(
      "request.invalid",
      "This platform lists jobs by createdAt only, and pages them by cursor: leave out sort and offset.",
    );
  }
  refuseForeign(query.after, "job");
  const sources = sourcesOf(query);
  const found: StoredJob[] = [];
  let [cursor, scanned, isExhausted] = [query.after, 0, false];
  while (found.length <= query.limit && scanned < SCANNED_MAX && !isExhausted) {
    const chunk = Math.max(query.limit + 1, Math.min(100, scanned));
    const uids = await mergedUids(parts.table, sources, { ...boundsOf(query, cursor), order: query.order, after: cursor, limit: chunk });
    const stored = (await parts.jobs.byUids(uids)).filter((job) => job !== null);
    found.push(...(await matching(parts.table, stored, query)));
    isExhausted = uids.length < chunk;
    scanned += uids.length;
    cursor = uids.at(-1) ?? cursor;
  }
  const shown = found.slice(0, query.limit);
  const items = await parts.jobs.viewsOf(shown);
  if (found.length > query.limit) return { items, next: shown.at(-1)!.uid };
  return isExhausted || cursor === undefined ? { items } : { items, next: cursor };
}

/** The most telling filter names the jobs. */
function sourcesOf({ tags, runId, batchId, name, states, functionName }: JobQuery): Source[] {
  const by = (index: IndexName, ...values: readonly string[]) =>
    values.flatMap((value) => shards.map((shard) => ({ index, pk: `${value}#${shard}` })));
  const [tag] = tags ?? [];
  if (tag !== undefined) return shards.map((shard) => ({ pk: tagPk(tag, shard) }));
  if (runId) return by("byRun", runId);
  if (batchId) return by("byBatch", batchId);
  if (name) return by("byName", name);
  if (states) return by("byState", ...states);
  return functionName ? by("byFunction", functionName) : by("byAll", "ALL");
}

function boundsOf({ createdAfter, createdBefore, order }: JobQuery, after: string | undefined): { low: string; high: string } {
  const low = createdAfter === undefined ? "0" : fromTime(createdAfter - SKEW_MS);
  const high = createdBefore === undefined ? "~" : fromTime(createdBefore + SKEW_MS);
  if (after === undefined) return { low, high };
  return order === "asc" ? { low: after > low ? after : low, high } : { low, high: after < high ? after : high };
}

interface Range {
  readonly low: string;
  readonly high: string;
  readonly after?: string | undefined;
  readonly order?: "asc" | "desc" | undefined;
  readonly limit: number;
}

/** In one order over all sources: each gives as many as are asked for, so none is missed. */
export async function mergedUids(table: Table, sources: readonly Source[], { low, high, after, order, limit }: Range): Promise<string[]> {
  if (low > high) return [];
  const direction = order ?? "desc";
  // A tag's rows sort by their `sk`, which is the uid too. The cursor itself comes again with its source and is dropped.
  const pages = await Promise.all(sources.map((source) => table.query({ ...source, low, high, order: direction, limit: limit + 1 })));
  const uids = [...new Set(pages.flat().map(({ uid }) => uid as string))].filter((uid) => uid !== after).toSorted();
  return (direction === "asc" ? uids : uids.toReversed()).slice(0, limit);
}

async function matching(table: Table, jobs: readonly StoredJob[], query: JobQuery): Promise<StoredJob[]> {
  const { states, name, type, functionName, batchId, runId, createdAfter, createdBefore, tags } = query;
  const equals = (wanted: string | undefined, value: string | null) => wanted === undefined || wanted === value;
  const found = jobs.filter(
    ({ job }) =>
      (states === undefined || states.includes(job.state)) && equals(name, job.name) && equals(type, job.type) &&
      equals(functionName, job.functionName) && equals(batchId, job.batchId) && equals(runId, job.runId) &&
      (createdAfter === undefined || job.createdAt > createdAfter) && (createdBefore === undefined || job.createdAt < createdBefore),
  ); // prettier-ignore
  if (!tags || tags.length < 2) return found;
  const bodies = await table.getAll(found.map(({ uid }) => bodyKey(uid)));
  return found.filter((_, index) => tags.every((tag) => (bodies[index]?.tags as string[] | undefined)?.includes(tag)));
}
