/*
 * Graphs too large for one transaction. Their jobs are written one by one, marked with the graph's name; nobody sees them
 * (jobs.ts) until one small transaction writes the graph's COMMIT: then all are there. Afterwards the marks are taken off page by
 * page and the jobs come to wait in their lanes (finish-graph.ts); whoever meets a mark of a committed graph goes on with that.
 */
import { ulid } from "ulid";
import { MINUTE } from "../../../domain/duration.ts";
import { isFinished } from "../../../domain/job.ts";
import { abandon, isOwnId, type Member } from "./abandon.ts";
import { TRIES } from "./effects.ts";
import { absent, where, type Item } from "./expression.ts";
import { finishGraph } from "./finish-graph.ts";
import { countInGroups, itemsBeside, newItem, retention } from "./job-writes.ts";
import { ulidIn } from "./jobs.ts";
import { commitKey, graphKey, graphPk, idKey, jobKey, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { createdAtOf, edgesOf, itemsOf, putKey, type Prepared } from "./planned.ts";
import type { StoredJob } from "./stored-job.ts";
import { inTurn } from "./table.ts";
import { Transaction } from "./transaction.ts";
import { unavailable } from "./unavailable.ts";

/** A graph that is not committed by then was abandoned: its ids are free again. */
const WRITTEN_WITHIN_MS = 10 * MINUTE;
const IDS_PER_TRANSACTION = 40;
const MEMBERS_PER_CHUNK = 1000;
const JOBS_AT_ONCE = 24;

/** Answers the keys whose conditions did not hold; none = committed, and written to its end. */
export async function stage(parts: Parts, prepared: Prepared): Promise<Key[]> {
  const graph = ulid();
  const until = parts.now() + WRITTEN_WITHIN_MS;
  await parts.table.put(graphKey(graph), { until });
  await parts.table.writeAll(chunksOf(graph, prepared));
  // First of all: nothing is written under an id that somebody else has.
  const taken = [...(await reserveOwnIds(parts, prepared, graph)), ...(await putOurs(parts, prepared, graph))];
  if (taken.length > 0) return abandoned(parts, graph, taken);
  await parts.table.writeAll(otherItems(prepared, graph));
  // From here on whoever settles a parent looks for dependants.
  const held = await inTurn([...prepared.parents.values()], 8, (parent) => holdParent(parts, parent));
  if (held.includes(false)) return abandoned(parts, graph, [graphKey(graph)]);
  if (parts.now() > until - WRITTEN_WITHIN_MS / 10) throw unavailable("writing the graph took too long");
  const failed = await parts.table.transact(commitOf(parts, prepared, graph));
  if (failed.length > 0) return abandoned(parts, graph, failed);
  await finishGraph(parts, graph);
  return [];
}

const membersOf = ({ graph: { records }, uids, parents }: Prepared): Member[] =>
  records.map(({ job: { id }, dependencies }) => ({ uid: uids.get(id)!, id, waits: dependencies.some((edge) => parents.has(edge.job)) }));

function chunksOf(graph: string, prepared: Prepared): (Item & Key)[] {
  const members = membersOf(prepared);
  return Array.from({ length: Math.ceil(members.length / MEMBERS_PER_CHUNK) }, (_, chunk) => ({
    pk: graphPk(graph), sk: `M#${String(chunk).padStart(4, "0")}`, members: members.slice(chunk * MEMBERS_PER_CHUNK, (chunk + 1) * MEMBERS_PER_CHUNK),
  })); // prettier-ignore
}

async function reserveOwnIds({ table }: Parts, prepared: Prepared, graph: string): Promise<Key[]> {
  const members = membersOf(prepared).filter(isOwnId);
  const pages = Array.from({ length: Math.ceil(members.length / IDS_PER_TRANSACTION) }, (_, page) =>
    members.slice(page * IDS_PER_TRANSACTION, (page + 1) * IDS_PER_TRANSACTION),
  );
  const failed = await inTurn(pages, 4, (page) => {
    const tx = new Transaction();
    for (const { id, uid } of page) {
      tx.put(idKey(id), { uid, graph }, absent);
      const otherwise = ulidIn(id);
      if (otherwise !== null) tx.check(jobKey(otherwise), absent);
    }
    return table.transact(tx);
  });
  return failed.flat();
}

/** Jobs under ids that we made are reserved by themselves. */
async function putOurs({ table }: Parts, prepared: Prepared, graph: string): Promise<Key[]> {
  const ours = prepared.graph.records
    .map((record) => itemsOf(prepared, record))
    .filter(({ record, uid }) => !isOwnId({ id: record.job.id, uid }));
  const failed = await inTurn(ours, JOBS_AT_ONCE, async (made) => {
    const tx = new Transaction();
    tx.put(jobKey(made.uid), { ...newItem(made), graph }, absent);
    return table.transact(tx);
  });
  return failed.flat();
}

function otherItems(prepared: Prepared, graph: string): (Item & Key)[] {
  const jobs = prepared.graph.records.flatMap((record) => {
    const made = itemsOf(prepared, record);
    const own = isOwnId({ id: record.job.id, uid: made.uid }) ? [{ ...newItem(made), ...jobKey(made.uid), graph }] : [];
    return [...own, ...itemsBeside(made)];
  });
  return [...jobs, ...edgesOf(prepared).flatMap(({ keys, item }) => keys.map((key) => ({ ...item, ...key })))];
}

/** One that DynamoDB would have forgotten by itself stays now. False if it is not there any more. */
async function holdParent({ table, jobs }: Parts, { uid }: StoredJob): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const parent = await jobs.byUid(uid);
    if (!parent) return false;
    const set = { hasOut: true, ...(isFinished(parent.job) && retention({ ...parent, hasOut: true })) };
    if (parent.hasOut || (await table.update(jobKey(uid), { set }, where({ v: parent.job.version, isGone: undefined })))) return true;
  }
  throw unavailable(`the parent ${uid} changes without pause`);
}

function commitOf({ groups, ulids }: Parts, { graph: { records, key }, group, answer }: Prepared, graph: string): Transaction {
  const tx = new Transaction();
  tx.check(graphKey(graph), { is: { isAbandoned: undefined }, exists: "pk" });
  tx.put(commitKey(graph), { at: Date.now() }, absent);
  if (key) putKey(tx, key, answer!, createdAtOf({ records }));
  if (group) groups.insert(tx, group, ulids.job(group.group.createdAt));
  for (const { job } of records) countInGroups(tx, null, job);
  return tx;
}

async function abandoned(parts: Parts, graph: string, failed: Key[]): Promise<Key[]> {
  await abandon(parts, graph);
  return failed;
}
