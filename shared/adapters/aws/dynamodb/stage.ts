/*
 * Graphs too large for one transaction. Their jobs are written one by one, marked with the graph's name; nobody sees them
 * (jobs.ts) until one small transaction writes the graph's COMMIT: then all are there. Afterwards the marks are taken off page by
 * page and the jobs come to wait in their lanes (finish-graph.ts); whoever meets a mark of a committed graph goes on with that.
 */
import { abandon, type Member } from "./abandon.ts";
import { absent, type Item } from "./expression.ts";
import { finishGraph } from "./finish-graph.ts";
import { bodyKey, commitKey, graphKey, graphPk, idKey, jobKey, tagKey, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { createdAtOf, edgesOf, putKey, type Planned } from "./planned.ts";
import { inTurn } from "./table.ts";
import { Transaction } from "./transaction.ts";
import { unavailable } from "./unavailable.ts";

/** A graph that is not committed by then was abandoned: its ids are free again. */
const WRITTEN_WITHIN_MS = 10 * 60_000;
const IDS_PER_TRANSACTION = 80;
const MEMBERS_PER_CHUNK = 1000;

/** Answers the keys whose conditions did not hold; none = committed, and written to its end. */
export async function stage(parts: Parts, planned: Planned): Promise<Key[]> {
  const graph = parts.ulids.job(Date.now());
  const until = Date.now() + WRITTEN_WITHIN_MS;
  await parts.table.put(graphKey(graph), { until });
  await parts.table.writeAll(membersOf(graph, planned));
  const taken = await reserveIds(parts, planned, graph, until);
  if (taken.length > 0) return abandoned(parts, graph, taken);
  await parts.table.writeAll(itemsOf(parts, planned, graph));
  // From here on whoever settles a parent looks for dependants.
  await inTurn([...planned.parents.values()], 8, ({ uid }) =>
    parts.table.update(jobKey(uid), { set: { hasOut: true } }, { is: { isGone: undefined }, exists: "pk" }),
  );
  if (Date.now() > until - WRITTEN_WITHIN_MS / 10) throw unavailable("writing the graph took too long");
  const failed = await parts.table.transact(commitOf(parts, planned, graph));
  if (failed.length > 0) return abandoned(parts, graph, failed);
  await finishGraph(parts, graph);
  return [];
}

function membersOf(graph: string, { graph: { records }, uids, parents }: Planned): (Item & Key)[] {
  const members = records.map(({ job, dependencies }): Member => ({
    uid: uids.get(job.id)!,
    id: job.id,
    waits: dependencies.some((edge) => parents.has(edge.job)),
  }));
  return Array.from({ length: Math.ceil(members.length / MEMBERS_PER_CHUNK) }, (_, chunk) => ({
    pk: graphPk(graph), sk: `M#${String(chunk).padStart(4, "0")}`, members: members.slice(chunk * MEMBERS_PER_CHUNK, (chunk + 1) * MEMBERS_PER_CHUNK),
  })); // prettier-ignore
}

async function reserveIds({ table }: Parts, { uids }: Planned, graph: string, until: number): Promise<Key[]> {
  const ids = [...uids];
  const parts = Array.from({ length: Math.ceil(ids.length / IDS_PER_TRANSACTION) }, (_, part) =>
    ids.slice(part * IDS_PER_TRANSACTION, (part + 1) * IDS_PER_TRANSACTION),
  );
  const failed = await inTurn(parts, 4, (part) => {
    const tx = new Transaction();
    for (const [id, uid] of part) tx.put(idKey(id), { uid, graph, until }, absent);
    return table.transact(tx);
  });
  return failed.flat();
}

function itemsOf({ writes }: Parts, planned: Planned, graph: string): (Item & Key)[] {
  const { graph: { records }, uids, waitedFor } = planned; // prettier-ignore
  const jobs = records.flatMap(({ job, facts, body }) => {
    const uid = uids.get(job.id)!;
    return [
      { ...writes.newItem(uid, job, waitedFor.has(job.id)), ...jobKey(uid), graph, facts: JSON.stringify(facts) },
      { ...bodyKey(uid), spec: body.spec, params: body.params, tags: body.tags },
      ...[...new Set(body.tags)].map((tag) => ({ ...tagKey(tag, uid), uid })),
    ];
  });
  return [...jobs, ...edgesOf(planned).flatMap(({ keys, item }) => keys.map((key) => ({ ...item, ...key })))];
}

function commitOf({ writes, groups, ulids }: Parts, { graph: { records, group, key } }: Planned, graph: string): Transaction {
  const tx = new Transaction();
  tx.check(graphKey(graph), { is: { isAbandoned: undefined }, exists: "pk" });
  tx.put(commitKey(graph), { at: Date.now() }, absent);
  if (key) putKey(tx, key, createdAtOf({ records }));
  if (group) groups.insert(tx, group, ulids.job(group.group.createdAt));
  for (const { job } of records) writes.count(tx, null, job);
  return tx;
}

async function abandoned(parts: Parts, graph: string, failed: Key[]): Promise<Key[]> {
  await abandon(parts, graph);
  return failed;
}
