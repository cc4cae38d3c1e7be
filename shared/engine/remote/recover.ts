// Every few minutes: whatever a dropped message or a dead process left undone is found and put right.
import { recoverGraph } from "../recover.ts";
import { grantAll, type RemoteContext } from "./context.ts";

const JOBS_PER_SWEEP = 200;
/** Sweeps of one round; the next one goes on. */
const SWEEPS_MAX = 10;

export async function recover(context: RemoteContext): Promise<{ readonly removed: number }> {
  await recoverGraph(context);
  await grantAll(context);
  let removed = 0;
  for (let round = 0; round < SWEEPS_MAX; round++) {
    const ids = await context.store.sweep(context.now(), JOBS_PER_SWEEP);
    removed += ids.length;
    if (ids.length < JOBS_PER_SWEEP) break;
  }
  await context.settled();
  return { removed };
}
