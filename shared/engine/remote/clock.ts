// What time brings about, once a minute: jobs that are due, and turns whose lease is over.
import { settled } from "../../domain/attempt.ts";
import { MINUTE } from "../../domain/duration.ts";
import { holdsTurn, wakeAt, type Job } from "../../domain/job.ts";
import { next } from "../../domain/decision.ts";
import { repaired } from "../../domain/steer.ts";
import { changeJob, START_WITHIN_MS } from "../change.ts";
import { leaveRefused } from "../steer.ts";
import type { RemoteContext } from "./context.ts";
import { lookAgain } from "./look-again.ts";

const PAGE = 100;
/** Pages of one tick; the next one goes on. */
const PAGES_MAX = 50;
/** Where many jobs wait for a busy queue, telling it of them again each minute would only make it longer. */
const START_AGAIN_WITHIN_MS = 15 * MINUTE;

export interface Ticked {
  readonly due: number;
  readonly handedOver: number;
  readonly lost: number;
}

export async function tick(context: RemoteContext): Promise<Ticked> {
  const dueNow = await lookAtDue(context);
  await tellSoonDue(context);
  const turns = await lookAtTurns(context);
  await context.settled();
  return { due: dueNow, ...turns };
}

async function lookAtDue(context: RemoteContext): Promise<number> {
  let count = 0;
  for (let page = 0; page < PAGES_MAX; page++) {
    const jobs = await context.store.due(context.now(), PAGE);
    await Promise.all(jobs.map(({ id }) => lookAgain(context, id)));
    count += jobs.length;
    if (jobs.length < PAGE) break;
  }
  return count;
}

/** Before the next tick: each gets a message that comes at its time. */
async function tellSoonDue(context: RemoteContext): Promise<void> {
  const now = context.now();
  const soon = await context.store.due(now + MINUTE, PAGE * 10);
  await Promise.all(soon.map((job) => context.handover.wake(job.id, wakeAt(job) ?? now)));
}

async function lookAtTurns(context: RemoteContext): Promise<{ handedOver: number; lost: number }> {
  let [handedOver, lost] = [0, 0];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const turns = await context.store.unfinishedTurns({ limit: PAGE, after });
    const late = turns.items.filter((job) => job.leaseUntil !== null && job.leaseUntil < context.now());
    const starting = late.filter(({ state }) => state === "starting");
    await Promise.all(starting.map((job) => handOverAgain(context, job)));
    await Promise.all(late.filter(({ state }) => state === "running").map((job) => lose(context, job)));
    handedOver += starting.length;
    lost += late.length - starting.length;
    after = turns.next;
    if (after === undefined) break;
  }
  return { handedOver, lost };
}

async function handOverAgain(context: RemoteContext, { id, attemptId }: Job): Promise<void> {
  const changed = await leaveRefused(
    changeJob(context, id, (job) => {
      const now = context.now();
      const isLate = job.state === "starting" && job.attemptId === attemptId && job.leaseUntil !== null && job.leaseUntil < now;
      if (!isLate) return null;
      const waited = now - (job.queuedAt ?? job.createdAt);
      const leaseUntil = now + Math.min(START_AGAIN_WITHIN_MS, Math.max(START_WITHIN_MS, waited));
      return repaired(next(job, now, { leaseUntil }), "its turn was handed over, and nobody began it");
    }),
  );
  if (changed && changed.job !== changed.before) await context.handover.turns([changed.job], true);
}

/** Its lease is as long as its infrastructure lives: nothing of it can run any more. */
async function lose(context: RemoteContext, { id, attemptId }: Job): Promise<void> {
  const chance = context.platform.random();
  await leaveRefused(
    changeJob(context, id, (job) => {
      const now = context.now();
      const isLost = holdsTurn(job) && job.attemptId === attemptId && job.leaseUntil !== null && job.leaseUntil < now;
      if (!isLost) return null;
      const outcome = { lost: "It did not end within the time that its Lambda can live." };
      return repaired(settled(job, { outcome, startedAt: null, now, chance }), "its attempt ended without a word");
    }),
  );
}
