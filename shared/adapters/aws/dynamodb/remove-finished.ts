// A finished job goes for good: out of sight in one write, then with everything that hangs on it.
import type { Job } from "../../../domain/job.ts";
import { where } from "./expression.ts";
import { groupFolder } from "./groups.ts";
import { groupsOf, KEPT, talliesOf } from "./job-writes.ts";
import { groupKey, groupPk, idKey, jobKey, outOfLists, timeIndex, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { removeBeside } from "./remove-job.ts";
import { keptUntil, type StoredJob } from "./stored-job.ts";
import { startingWith } from "./table.ts";
import { isFar } from "./texts.ts";
import { Transaction } from "./transaction.ts";

/** Its id; null if it was changed meanwhile. */
export async function removeFinished(parts: Parts, stored: StoredJob): Promise<string | null> {
  const { uid, job } = stored;
  const tx = new Transaction();
  tx.update(
    jobKey(uid),
    { set: { isGone: true, ...outOfLists, ...timeIndex("PURGE", keptUntil(job), uid) } },
    where({ v: job.version, isGone: undefined, hasOut: stored.hasOut || undefined }),
  );
  if (stored.hasOwnId) tx.delete(idKey(job.id), where({ uid }));
  // A group goes on showing how its jobs ended.
  for (const key of talliesOf(tx, job)) tx.add(key, KEPT, -1);
  if ((await parts.table.transact(tx)).length > 0) return null;
  await removeRest(parts, uid, groupsOf(job));
  return job.id;
}

/** For a sweep: whoever began to remove it may not have lived to end it. */
export async function finishRemoval(parts: Parts, uid: string): Promise<null> {
  const item = await parts.table.get(jobKey(uid));
  if (!item?.isGone) return null;
  const { batchId = null, runId = null } = JSON.parse(item.data as string) as Partial<Job>;
  await removeRest(parts, uid, groupsOf({ batchId, runId }));
  return null;
}

async function removeRest(parts: Parts, uid: string, groups: readonly string[]): Promise<void> {
  await removeBeside(parts, uid);
  for (const group of groups) await removeIfEmpty(parts, group);
  await parts.table.writeAll([], [jobKey(uid)]);
}

async function removeIfEmpty({ table, groups, texts }: Parts, id: string): Promise<void> {
  const shards = await table.query({ pk: groupPk(id), ...startingWith("TALLY#"), limit: 1000 });
  if (shards.reduce((sum, shard) => sum + ((shard[KEPT] as number | undefined) ?? 0), 0) > 0) return;
  const stored = await groups.read(id);
  if (stored && isFar(stored.item.params)) await texts.removeAll(groupFolder(id));
  const items = await table.query({ pk: groupPk(id), low: " ", high: "~", limit: Number.MAX_SAFE_INTEGER });
  const rows = stored ? groups.rowsOf(stored) : [];
  await table.writeAll(
    [],
    [...rows, ...items.map(({ pk, sk }) => ({ pk, sk }) as Key).filter(({ sk }) => sk !== groupKey(id).sk), groupKey(id)],
  );
}
