// What follows from a written job: slots that came free, groups that may be over, dependants.
import { isFinished, type Job } from "../../../domain/job.ts";
import type { Effects } from "./effects.ts";
import type { Groups } from "./groups.ts";
import type { Jobs } from "./jobs.ts";
import { groupsOf } from "./job-writes.ts";
import { isInPoolLane, keepsSlot } from "./keys.ts";
import type { Pools } from "./pools.ts";
import type { StoredJob } from "./stored-job.ts";

export class Follow {
  readonly #jobs: Jobs;
  readonly #pools: Pools;
  readonly #groups: Groups;
  readonly #finishGraph: (graph: string) => Promise<void>;

  constructor(jobs: Jobs, pools: Pools, groups: Groups, finishGraph: (graph: string) => Promise<void>) {
    this.#jobs = jobs;
    this.#pools = pools;
    this.#groups = groups;
    this.#finishGraph = finishGraph;
  }

  /** The job as it is once the graph that it came with is written to its end: before that, nobody may change it. */
  async settled(uid: string): Promise<StoredJob | null> {
    const stored = await this.#jobs.byUid(uid);
    if (stored === null || stored.graph === null) return stored;
    await this.#finishGraph(stored.graph);
    return this.#jobs.byUid(uid);
  }

  async moved(before: StoredJob, job: Job, effects: Effects): Promise<void> {
    const waitsForSlot = isInPoolLane(job);
    if (job.state === "queued" && !waitsForSlot) effects.queued.add(job.lane);
    const isSlotFreed = before.slot !== null && !keepsSlot(job);
    if (job.pool !== null && (waitsForSlot || isSlotFreed)) await this.#pools.admit(job.pool, effects);
    if (isFinished(job) && !isFinished(before.job)) await this.#groups.noticeIdle(groupsOf(job), effects);
  }
}
