// What follows from new jobs: slots for those who wait for one, and news for those whose parents have ended already.
import { isFinished } from "../../../domain/job.ts";
import type { Effects } from "./effects.ts";
import { jobPk } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { inTurn } from "./table.ts";

export interface NewJobs {
  /** Internal ids of jobs with parents that were there before. */
  readonly waiting: readonly string[];
  readonly pools: readonly string[];
  readonly now: number;
}

export async function followNew(parts: Parts, { waiting, pools, now }: NewJobs, effects: Effects): Promise<void> {
  const { edges, follow, jobs } = parts;
  const open = (await inTurn(waiting, 8, (uid) => edges.all(jobPk(uid), "IN#O#"))).flat();
  const parents = await jobs.byUids([...new Set(open.map(({ parentUid }) => parentUid as string))]);
  for (const parent of parents) if (parent && isFinished(parent.job)) await edges.release(parent, now, effects, follow);
  const moved = await inTurn(waiting, 8, (uid) => edges.evaluate(uid, now, effects, follow));
  for (const job of moved) if (job && isFinished(job.job)) await edges.release(job, now, effects, follow);
  for (const pool of new Set(pools)) await parts.pools.admit(pool, effects);
}
