// Retention: finished jobs go when their time is over, in small steps between which everything else has its turn.
import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "./context.ts";

const JOBS_PER_STEP = 200;
const PAUSE_MS = 20;

/** Answers how many jobs were removed. */
export async function sweep(context: Context): Promise<number> {
  let removed = 0;
  for (;;) {
    const ids = await context.store.sweep(context.now(), JOBS_PER_STEP);
    await context.platform.logs.remove(ids);
    await context.platform.artifacts.remove(ids);
    removed += ids.length;
    if (ids.length === 0) return removed;
    await wait(PAUSE_MS);
  }
}
