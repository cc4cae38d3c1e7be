// Removes what is past its retention, in bounded steps. Plain jobs, keys and commits are forgotten by DynamoDB itself (`ttl`), mostly
// within days: what it leaves too long is removed here too.
import { DAY } from "../../../domain/duration.ts";
import { isFinished } from "../../../domain/job.ts";
import { where } from "./expression.ts";
import { keepHead } from "./feed-log.ts";
import { jobKey, jobPk, sweepKey, timeIndex } from "./keys.ts";
import { mergedUids, sourcesBy } from "./job-sources.ts";
import type { Parts } from "./parts.ts";
import { finishRemoval, removeFinished } from "./remove-finished.ts";
import { inTurn } from "./table.ts";
import { toPurge } from "./times.ts";

const REMOVED_AT_ONCE = 8;
/** Jobs that a sweep looks at for some that DynamoDB has left; the next sweep goes on behind them. */
const LOOKED_AT_MAX = 200;
const LOOKED_AT_ONCE = 100;

/** At most `max` jobs with all that hangs on them. A job whose result somebody still waits for is kept for another day. */
export async function sweep(parts: Parts, now: number, max: number): Promise<string[]> {
  await keepHead(parts.table);
  const rows = await toPurge(parts, now, max);
  const purged = (await inTurn(rows, REMOVED_AT_ONCE, ({ uid }) => removeIfOver(parts, uid, now))).filter((id) => id !== null);
  return [...purged, ...(await removeForgotten(parts, now - parts.ttlGraceMs, max - purged.length))];
}

async function removeIfOver(parts: Parts, uid: string, now: number): Promise<string | null> {
  const [stored] = await parts.jobs.keptByUids([uid]);
  if (!stored) return finishRemoval(parts, uid);
  const { job } = stored;
  if (!isFinished(job) || (job.finishedAt ?? 0) + job.retentionMs > now) return null;
  if (stored.hasOut && (await hasUnfinishedChild(parts, uid))) {
    await parts.table.update(jobKey(uid), { set: timeIndex("PURGE", now + DAY, uid) }, where({ v: job.version }));
    return null;
  }
  return removeFinished(parts, stored);
}

async function hasUnfinishedChild({ edges, jobs }: Parts, uid: string): Promise<boolean> {
  const children = await edges.all(jobPk(uid), "OUT#");
  const stored = await jobs.byUids(children.map(({ childUid }) => childUid as string));
  return stored.some((child) => child && !isFinished(child.job));
}

/** Oldest first, from where the last sweep ended; what is open or still wanted is stepped over. */
async function removeForgotten(parts: Parts, until: number, max: number): Promise<string[]> {
  const removed: string[] = [];
  const from = (await parts.table.get(sweepKey))?.uid as string | undefined;
  let after = from;
  for (let looked = 0; removed.length < max && looked < LOOKED_AT_MAX; looked += LOOKED_AT_ONCE) {
    const range = { low: after ?? "0", high: "~", after, order: "asc" as const, limit: LOOKED_AT_ONCE };
    const uids = await mergedUids(parts.table, sourcesBy("byAll", "ALL"), range);
    const over = (await parts.jobs.keptByUids(uids))
      .filter((stored) => stored !== null)
      .filter(({ goneAt }) => (goneAt ?? Infinity) <= until);
    const first = over.slice(0, max - removed.length);
    removed.push(...(await inTurn(first, REMOVED_AT_ONCE, (stored) => removeFinished(parts, stored))).filter((id) => id !== null));
    if (first.length < over.length) break;
    after = uids.length < LOOKED_AT_ONCE ? undefined : uids.at(-1);
    if (after === undefined) break;
  }
  if (after !== from) await parts.table.put(sweepKey, { uid: after });
  return removed;
}
