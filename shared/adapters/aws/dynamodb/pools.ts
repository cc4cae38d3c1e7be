// Gives free slots of a pool to the best of those who wait for one.
import { admitted } from "../../../domain/begin.ts";
import { poolLane } from "../../../domain/job.ts";
import { DEFAULT_POOL_LIMIT, freeSlot, POOL_LIMIT_MAX } from "../../../domain/pool.ts";
import { TRIES, type Effects } from "./effects.ts";
import { where } from "./expression.ts";
import { limitKey, poolPk, waitedKey } from "./keys.ts";
import type { Jobs } from "./jobs.ts";
import { replaceJob } from "./job-writes.ts";
import { bestWaiting } from "./lanes.ts";
import { ANNOUNCED_MS_MIN, inTurn, startingWith, type Table } from "./table.ts";
import { Transaction } from "./transaction.ts";

/** Slots given at a time. */
const AT_A_TIME = 20;
const POOLS_AT_ONCE = 4;

export class Pools {
  readonly #table: Table;
  readonly #jobs: Jobs;

  constructor(table: Table, jobs: Jobs) {
    this.#table = table;
    this.#jobs = jobs;
  }

  /**
   * Called after every write that lets a job wait or frees a slot, and reads strongly: of a waiter and a free slot, whoever was
   * written last sees the other.
   */
  async admit(pool: string, effects: Effects): Promise<void> {
    for (let tries = 0; tries < TRIES;) {
      const free = await this.#freeSlots(pool);
      const waiting = free.length === 0 ? [] : await bestWaiting(this.#table, poolLane(pool), free.length);
      if (waiting.length === 0) return;
      const given = await Promise.all(waiting.map((uid, index) => this.#give(uid, free[index]!, effects)));
      // The next round is a new one only for whoever made progress.
      if (!given.includes(true)) tries++;
    }
  }

  /** For recovery: whoever wrote a waiter or freed a slot may not have lived to admit. */
  async admitAll(max: number, effects: Effects): Promise<void> {
    const rows = await this.#table.query({ pk: waitedKey("").pk, low: " ", high: "~", limit: max });
    await inTurn(rows, POOLS_AT_ONCE, async ({ sk, at }) => {
      const pool = sk as string;
      await this.admit(pool, effects);
      const isOld = (at as number) < Date.now() - ANNOUNCED_MS_MIN;
      if (!isOld || (await bestWaiting(this.#table, poolLane(pool), 1)).length > 0) return;
      await this.#table.delete(waitedKey(pool), where({ at: at as number }));
    });
  }

  async #freeSlots(pool: string): Promise<number[]> {
    const [limit, slots] = await Promise.all([
      this.#table.get(limitKey(pool)),
      this.#table.query({ pk: poolPk(pool), ...startingWith("SLOT#"), limit: POOL_LIMIT_MAX }),
    ]);
    const taken = new Set(slots.map(({ sk }) => Number(String(sk).slice("SLOT#".length))));
    const free: number[] = [];
    for (let slot = nextFree(); slot !== null && free.length < AT_A_TIME; slot = nextFree()) {
      free.push(slot);
      taken.add(slot);
    }
    return free;

    function nextFree(): number | null {
      return freeSlot((limit?.limit as number | undefined) ?? DEFAULT_POOL_LIMIT, taken);
    }
  }

  async #give(uid: string, slot: number, effects: Effects): Promise<boolean> {
    const stored = await this.#jobs.byUid(uid);
    if (stored?.job.state !== "queued" || stored.job.lane !== poolLane(stored.job.pool ?? "")) return false;
    const job = admitted(stored.job);
    const tx = new Transaction();
    replaceJob(tx, stored, { job, facts: [] }, { slot });
    if ((await this.#table.transact(tx)).length > 0) return false;
    effects.queued.add(job.lane);
    return true;
  }
}
