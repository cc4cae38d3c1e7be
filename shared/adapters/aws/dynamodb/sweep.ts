// Removes what is past its retention, in bounded steps. Keys and commits are forgotten by DynamoDB itself (`ttl`).
import { DAY } from "../../../domain/duration.ts";
import { bucketOf } from "../../../domain/group.ts";
import { isFinished } from "../../../domain/job.ts";
import { where } from "./expression.ts";
import { countersOf, groupsOf, KEPT } from "./job-writes.ts";
import { countsKey, groupKey, groupPk, idKey, jobKey, jobPk, timeIndex, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { toPurge } from "./reads.ts";
import { removeJob } from "./remove-job.ts";
import type { StoredJob } from "./stored-job.ts";
import { inTurn, startingWith } from "./table.ts";
import { Transaction } from "./transaction.ts";

/** At most `max` jobs with all that hangs on them. A job whose result somebody still waits for is kept for another day. */
export async function sweep(parts: Parts, now: number, max: number): Promise<string[]> {
  const rows = await toPurge(parts, now, max);
  const removed = await inTurn(rows, 8, ({ uid }) => removeIfOver(parts, uid, now));
  return removed.filter((id) => id !== null);
}

async function removeIfOver(parts: Parts, uid: string, now: number): Promise<string | null> {
  const stored = await parts.jobs.byUid(uid);
  if (!stored) return finishRemoval(parts, uid);
  const { job } = stored;
  if (!isFinished(job) || (job.finishedAt ?? 0) + job.retentionMs > now) return null;
  if (stored.hasOut && (await hasUnfinishedChild(parts, uid))) {
    await parts.table.update(jobKey(uid), { set: timeIndex("PURGE", now + DAY, uid) }, where({ v: job.version }));
    return null;
  }
  const tx = new Transaction();
  tx.update(
    jobKey(uid),
    { set: { isGone: true, ...outOfLists } },
    where({ v: job.version, isGone: undefined, hasOut: stored.hasOut || undefined }),
  );
  tx.delete(idKey(job.id), where({ uid }));
  uncount(tx, stored);
  if ((await parts.table.transact(tx)).length > 0) return null;
  await removeJob(parts, uid);
  for (const group of groupsOf(job)) await removeIfEmpty(parts, group);
  return job.id;
}

const outOfLists = { allPk: undefined, statePk: undefined, batchPk: undefined, runPk: undefined, namePk: undefined, functionPk: undefined };

/** Out of the counts of all jobs; a group goes on showing how its jobs ended. */
function uncount(tx: Transaction, { job }: StoredJob): void {
  for (const key of countersOf(tx, job)) {
    const isOfAll = key.pk === countsKey(tx.counter).pk;
    tx.add(key, isOfAll ? bucketOf(job) : KEPT, -1);
  }
}

/** Whoever began to remove it did not live to end it. */
async function finishRemoval(parts: Parts, uid: string): Promise<null> {
  const item = await parts.table.get(jobKey(uid));
  if (item?.isGone) await removeJob(parts, uid);
  return null;
}

async function hasUnfinishedChild({ edges, jobs }: Parts, uid: string): Promise<boolean> {
  const children = await edges.all(jobPk(uid), "OUT#");
  const stored = await jobs.byUids(children.map(({ childUid }) => childUid as string));
  return stored.some((child) => child && !isFinished(child.job));
}

async function removeIfEmpty({ table, groups }: Parts, id: string): Promise<void> {
  const shards = await table.query({ pk: groupPk(id), ...startingWith("TALLY#"), limit: 1000 });
  if (shards.reduce((sum, shard) => sum + ((shard[KEPT] as number | undefined) ?? 0), 0) > 0) return;
  const stored = await groups.read(id);
  const items = await table.query({ pk: groupPk(id), low: " ", high: "~", limit: Number.MAX_SAFE_INTEGER });
  const rows = stored ? groups.rowsOf(stored) : [];
  await table.writeAll(
    [],
    [...rows, ...items.map(({ pk, sk }) => ({ pk, sk }) as Key).filter(({ sk }) => sk !== groupKey(id).sk), groupKey(id)],
  );
}
