// Which jobs a question may be about: named by an index or a tag's rows, to be read again and looked at.
import type { JobQuery } from "../../../ports/store.ts";
import { jobPk, openClassOf, shards, tagPk, uidIn } from "./keys.ts";
import type { StoredJob } from "./stored-job.ts";
import type { IndexName } from "./table-definition.ts";
import type { Table } from "./table.ts";
import { fromTime } from "./ulids.ts";

/** So far a machine's clock may be behind another's. */
const SKEW_MS = 60_000;

interface Source {
  readonly pk: string;
  /** None = its rows' own keys name the jobs. */
  readonly index?: IndexName;
}

export const sourcesBy = (index: IndexName, ...values: readonly string[]): Source[] =>
  values.flatMap((value) => shards.map((shard) => ({ index, pk: `${value}#${shard}` })));

/** The most telling filter names the jobs. Completed ones are in no index of their own: all jobs are looked at for them. */
export function sourcesOf({ tags, runId, batchId, name, states, functionName }: JobQuery): Source[] {
  const [tag] = tags ?? [];
  if (tag !== undefined) return shards.map((shard) => ({ pk: tagPk(tag, shard) }));
  if (runId) return sourcesBy("byRun", runId);
  if (batchId) return sourcesBy("byBatch", batchId);
  if (name) return sourcesBy("byName", name);
  const open = states && new Set(states.map(openClassOf));
  if (open && !open.has(null)) return sourcesBy("byOpen", ...[...open].filter((kind) => kind !== null));
  return functionName ? sourcesBy("byFunction", functionName) : sourcesBy("byAll", "ALL");
}

export function boundsOf({ createdAfter, createdBefore, order }: JobQuery, after?: string): { low: string; high: string } {
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
  const range = { low: jobPk(low), high: jobPk(high), order: order ?? "desc", limit: limit + 1 };
  const pages = await Promise.all(
    sources.map(async (source) => (await table.query({ ...source, ...range })).map(({ pk, sk }) => uidIn(source.index ? pk : sk))),
  );
  // The cursor itself comes again with its source and is dropped.
  const uids = [...new Set(pages.flat())].filter((uid) => uid !== after).toSorted();
  return (order === "asc" ? uids : uids.toReversed()).slice(0, limit);
}

export function isWanted({ job, tags }: StoredJob, query: JobQuery): boolean {
  const { states, name, type, functionName, batchId, runId, createdAfter, createdBefore } = query;
  const equals = (wanted: string | undefined, value: string | null) => wanted === undefined || wanted === value;
  return (
    (states === undefined || states.includes(job.state)) && equals(name, job.name) && equals(type, job.type) &&
    equals(functionName, job.functionName) && equals(batchId, job.batchId) && equals(runId, job.runId) &&
    (createdAfter === undefined || job.createdAt > createdAfter) && (createdBefore === undefined || job.createdAt < createdBefore) &&
    (query.tags ?? []).every((tag) => tags.includes(tag))
  ); // prettier-ignore
}
