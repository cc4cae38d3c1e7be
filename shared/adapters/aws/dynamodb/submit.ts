// Jobs with their edges: in one transaction if they fit, else staged (stage.ts).
import { randomUUID } from "node:crypto";
import { isFinished } from "../../../domain/job.ts";
import { DEFAULT_POOL_LIMIT } from "../../../domain/pool.ts";
import type { IdempotencyKey, NewGraph, NewRecord, Submitted } from "../../../ports/store.ts";
import { forgetAbandoned } from "./abandon.ts";
import { Effects, TRIES } from "./effects.ts";
import { absent, where } from "./expression.ts";
import { followNew } from "./follow-new.ts";
import { idKey, isInExecutorLane, jobKey, keyKey, limitKey, unreleasedKey } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { createdAtOf, edgesOf, putKey, type Planned } from "./planned.ts";
import { stage } from "./stage.ts";
import type { StoredJob } from "./stored-job.ts";
import { Transaction, TRANSACTION_WRITES } from "./transaction.ts";
import { unavailable } from "./unavailable.ts";

export async function submitGraph(parts: Parts, graph: NewGraph): Promise<Submitted> {
  for (let tries = 0; tries < TRIES; tries++) {
    const taken = graph.key && (await readKey(parts, graph.key.key));
    if (taken && taken.untilMs > createdAtOf(graph)) return { ok: false, because: "key_taken", key: taken };
    const planned = await plan(parts, graph);
    if ("because" in planned) return planned;
    await createPools(parts, graph.records);
    const tx = transactionOf(parts, planned);
    const failed = tx ? await parts.table.transact(tx) : await stage(parts, planned);
    if (failed.length === 0) return followed(parts, planned);
    const at = graph.records.find(({ job }) => failed.some(({ pk }) => pk === idKey(job.id).pk))?.job.id;
    if (at !== undefined && !(await forgetAbandoned(parts, at))) return { ok: false, because: "id_taken", at };
    // Otherwise a parent moved or the key was taken meanwhile: the next look tells.
  }
  throw unavailable("the graph's parents change without pause");
}

/** At least: its id, itself, its body and an event. */
const RECORDS_PER_JOB = 4;

export async function readKey({ table }: Pick<Parts, "table">, key: string): Promise<IdempotencyKey | null> {
  const item = await table.get(keyKey(key));
  return item && { key, bodyHash: item.bodyHash as string, answer: item.answer as string, untilMs: item.untilMs as number };
}

async function plan(parts: Parts, graph: NewGraph): Promise<Planned | Extract<Submitted, { ok: false }>> {
  const uids = new Map<string, string>();
  for (const { job } of graph.records) {
    if (uids.has(job.id)) return { ok: false, because: "id_taken", at: job.id };
    uids.set(job.id, parts.ulids.job(job.createdAt));
  }
  const named = graph.records.flatMap(({ dependencies }) => dependencies.map(({ job }) => job));
  const others = [...new Set(named)].filter((id) => !uids.has(id));
  const found = await parts.jobs.uidsOf(others);
  const stored = await Promise.all(found.map(async (uid) => (uid === null ? null : parts.follow.settled(uid))));
  const missing = others.find((_, index) => stored[index] === null);
  if (missing !== undefined) {
    const taken = await parts.jobs.uidsOf([...uids.keys()]);
    const at = [...uids.keys()].find((_, index) => taken[index] !== null);
    return at === undefined ? { ok: false, because: "dependency_missing", at: missing } : { ok: false, because: "id_taken", at };
  }
  return { graph, uids, parents: new Map(others.map((id, index) => [id, stored[index]!])), waitedFor: new Set(named) };
}

/** Limits stay as they were first given; an empty pool that nobody uses in the end harms nobody. */
async function createPools({ table }: Parts, records: readonly NewRecord[]): Promise<void> {
  const limits = new Map(
    records.toReversed().flatMap(({ job, poolLimit }) => (job.pool === null ? [] : [[job.pool, poolLimit ?? DEFAULT_POOL_LIMIT] as const])),
  );
  await Promise.all([...limits].map(([pool, limit]) => table.update(limitKey(pool), { set: { limit } }, absent)));
}

/** Null if it does not fit into one. */
function transactionOf({ writes, groups, ulids }: Parts, planned: Planned): Transaction | null {
  const { graph, uids, parents, waitedFor } = planned;
  if (graph.records.length * RECORDS_PER_JOB > TRANSACTION_WRITES) return null;
  const tx = new Transaction();
  if (graph.key) putKey(tx, graph.key, createdAtOf(graph));
  if (graph.group) groups.insert(tx, graph.group, ulids.job(graph.group.group.createdAt));
  for (const record of graph.records) writes.insert(tx, uids.get(record.job.id)!, record, waitedFor.has(record.job.id));
  for (const { keys, item } of edgesOf(planned)) for (const key of keys) tx.put(key, item);
  for (const parent of parents.values()) holdParent(tx, parent);
  return tx.fits ? tx : null;
}

/** The parent must be as it was seen: one that ends meanwhile would not know that somebody waits. */
function holdParent(tx: Transaction, { uid, job }: StoredJob): void {
  tx.update(jobKey(uid), { set: { hasOut: true } }, where({ v: job.version, isGone: undefined, graph: undefined }));
  if (isFinished(job)) tx.put(unreleasedKey(uid), { mark: randomUUID() });
}

async function followed(parts: Parts, { graph: { records }, uids, parents }: Planned): Promise<Submitted> {
  const effects = new Effects();
  for (const { job } of records) if (isInExecutorLane(job)) effects.queued.add(job.lane);
  const waiting = records.filter(({ dependencies }) => dependencies.some(({ job }) => parents.has(job)));
  const pools = records.flatMap(({ job }) => (job.state === "queued" && job.pool !== null ? [job.pool] : []));
  await followNew(parts, { waiting: waiting.map(({ job }) => uids.get(job.id)!), pools, now: createdAtOf({ records }) }, effects);
  return { ok: true, queued: [...effects.queued] };
}
