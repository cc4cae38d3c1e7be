// Jobs with their edges: one write for a plain job, one transaction if they fit into it, else staged (stage.ts).
import { randomUUID } from "node:crypto";
import { isFinished } from "../../../domain/job.ts";
import { DEFAULT_POOL_LIMIT } from "../../../domain/pool.ts";
import { ANSWERS_FOLDER } from "../../../names.ts";
import type { IdempotencyKey, NewGraph, NewRecord, Submitted } from "../../../ports/store.ts";
import { forgetAbandoned } from "./abandon.ts";
import { Effects, TRIES } from "./effects.ts";
import { absent, where } from "./expression.ts";
import { followNew } from "./follow-new.ts";
import { hasOwnId, insertJob, retention } from "./job-writes.ts";
import { ulidIn } from "./jobs.ts";
import { idKey, isInExecutorLane, jobKey, keyKey, limitKey, unreleasedKey, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { placeBody } from "./placed.ts";
import { createdAtOf, edgesOf, itemsOf, putKey, ulidOf, type Planned, type Prepared } from "./planned.ts";
import { stage } from "./stage.ts";
import type { StoredJob } from "./stored-job.ts";
import { inTurn } from "./table.ts";
import type { StoredText } from "./texts.ts";
import { Transaction, TRANSACTION_WRITES } from "./transaction.ts";
import { unavailable } from "./unavailable.ts";

const BODIES_AT_ONCE = 8;

export async function submitGraph(parts: Parts, graph: NewGraph): Promise<Submitted> {
  for (let tries = 0; tries < TRIES; tries++) {
    const known = graph.key && (await readKey(parts, graph.key.key));
    if (known && known.untilMs > createdAtOf(graph)) return { ok: false, because: "key_taken", key: known };
    const planned = await plan(parts, graph);
    if ("because" in planned) return planned;
    await createPools(parts, graph.records);
    const prepared = await prepare(parts, planned);
    const tx = transactionOf(parts, prepared);
    const failed = tx ? await parts.table.transact(tx) : await stage(parts, prepared);
    if (failed.length === 0) return followed(parts, planned);
    await forget(parts, prepared);
    const taken = firstTaken(planned, failed);
    if (taken && !(await forgetAbandoned(parts, taken.key))) return { ok: false, because: "id_taken", at: taken.id };
    // Otherwise a parent moved or the key was taken meanwhile: the next look tells.
  }
  throw unavailable("the graph's parents change without pause");
}

function firstTaken({ graph, uids }: Planned, failed: readonly Key[]): { id: string; key: Key } | undefined {
  const keys = new Map(failed.map((key) => [`${key.pk} ${key.sk}`, key]));
  return graph.records
    .flatMap(({ job: { id } }) => [idKey(id), jobKey(uids.get(id)!), jobKey(ulidIn(id) ?? "")].map((key) => ({ id, key })))
    .find(({ key }) => keys.has(`${key.pk} ${key.sk}`));
}

/** At least: its own item. */
const RECORDS_PER_JOB = 1;

export async function readKey({ table, texts }: Pick<Parts, "table" | "texts">, key: string): Promise<IdempotencyKey | null> {
  const item = await table.get(keyKey(key));
  const answer = item && (await texts.read(item.answer as StoredText));
  return item && answer !== null ? { key, bodyHash: item.bodyHash as string, answer, untilMs: item.untilMs as number } : null;
}

async function plan(parts: Parts, graph: NewGraph): Promise<Planned | Extract<Submitted, { ok: false }>> {
  const uids = new Map<string, string>();
  for (const { job, ulid } of graph.records) {
    if (uids.has(job.id)) return { ok: false, because: "id_taken", at: job.id };
    uids.set(job.id, ulidOf(job) ?? ulid ?? parts.ulids.job(job.createdAt));
  }
  const named = graph.records.flatMap(({ dependencies }) => dependencies.map(({ job }) => job));
  const others = [...new Set(named)].filter((id) => !uids.has(id));
  const found = await parts.jobs.byIds(others);
  const stored = await Promise.all(found.map(async (parent) => (parent?.graph ? parts.follow.settled(parent.uid) : parent)));
  const missing = others.find((_, index) => stored[index] === null);
  if (missing !== undefined) {
    const ids = [...uids.keys()];
    const at = (await parts.jobs.byIds(ids)).find((taken) => taken !== null)?.job.id;
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

/** Puts what is large out of the table: nobody knows of it before the graph is written. */
async function prepare({ texts, groups }: Parts, planned: Planned): Promise<Prepared> {
  const { records, group, key } = planned.graph;
  const bodies = await inTurn(
    records,
    BODIES_AT_ONCE,
    async ({ job, body }) => [job.id, await placeBody(texts, planned.uids.get(job.id)!, body)] as const,
  );
  return {
    ...planned,
    bodies: new Map(bodies),
    group: group && (await groups.placed(group)),
    answer: key && (await texts.store(`${ANSWERS_FOLDER}/${randomUUID()}`, key.answer)),
  };
}

async function forget({ texts }: Parts, { bodies, group, answer }: Prepared): Promise<void> {
  await texts.forget([...[...bodies.values()].flatMap((placed) => placed.texts), group?.params ?? "", answer ?? ""]);
}

/** Null if it does not fit into one. */
function transactionOf({ groups, ulids }: Parts, prepared: Prepared): Transaction | null {
  const { graph, uids, parents, group, answer } = prepared;
  if (graph.records.length * RECORDS_PER_JOB > TRANSACTION_WRITES) return null;
  const tx = new Transaction();
  if (graph.key) putKey(tx, graph.key, answer!, createdAtOf(graph));
  if (group) groups.insert(tx, group, ulids.job(group.group.createdAt));
  for (const record of graph.records) {
    const uid = uids.get(record.job.id)!;
    insertJob(tx, itemsOf(prepared, record));
    const otherwise = ulidIn(record.job.id);
    if (hasOwnId(record, uid) && otherwise !== null) tx.check(jobKey(otherwise), absent);
  }
  for (const { keys, item } of edgesOf(prepared)) for (const key of keys) tx.put(key, item);
  for (const parent of parents.values()) holdParent(tx, parent);
  return tx.fits ? tx : null;
}

/** The parent must be as it was seen: one that ends meanwhile would not know that somebody waits. */
function holdParent(tx: Transaction, parent: StoredJob): void {
  const { uid, job } = parent;
  // It may be one that DynamoDB would have forgotten by itself: now somebody names it.
  const set = { hasOut: true, ...(isFinished(job) && retention({ ...parent, hasOut: true })) };
  tx.update(jobKey(uid), { set }, where({ v: job.version, isGone: undefined, graph: undefined }));
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
