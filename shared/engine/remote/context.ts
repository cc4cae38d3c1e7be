// The engine in a process that lives for one request or message, and in which no attempt runs: turns are handed over, times are
// told to a queue or left to the clock, and whatever follows from a write is done before the process rests.
import { executorLane } from "../../domain/job.ts";
import { SECOND } from "../../domain/duration.ts";
import type { RemotePlatform } from "../../ports/platform.ts";
import { Attempts } from "../attempts.ts";
import { START_WITHIN_MS } from "../change.ts";
import type { Context } from "../context.ts";
import type { ParamsCheck } from "../params-check.ts";
import { follow } from "../release.ts";
import { Signals } from "../signals.ts";

export interface RemoteContext extends Context {
  readonly platform: RemotePlatform;
  readonly handover: RemotePlatform["handover"];
  /** All that was begun is done. */
  settled(): Promise<void>;
}

/** How often a request that waits for an end looks again. */
const POLL_MS = 150;
/** API Gateway gives up after 30 s. */
const REQUEST_MS_MAX = 25 * SECOND;
const TURNS_AT_A_TIME = 25;

export interface RemoteOptions {
  /** For whoever submits jobs: its library is large. */
  readonly checkParams?: ParamsCheck;
}

const submitsNothing: ParamsCheck = () => {
  throw new Error("this process was made without a check of params: it cannot submit jobs");
};

export function remoteContext(platform: RemotePlatform, { checkParams = submitsNothing }: RemoteOptions = {}): RemoteContext {
  const { handover } = platform;
  const attempts = new Attempts();
  const context: RemoteContext = {
    platform,
    store: platform.store,
    attempts,
    signals: new Signals(POLL_MS),
    checkParams,
    now: () => platform.clock.now(),
    follow: (answer) => follow(context, answer),
    wakeLanes: (lanes) => attempts.background(grant(context, lanes)),
    wakeAt: (at, job) => {
      if (at - context.now() <= handover.reachMs) attempts.background(handover.wake(job, at));
    },
    handover,
    requestMsMax: REQUEST_MS_MAX,
    isDraining: false,
    settled: () => attempts.settled(),
  };
  return context;
}

/** Executors always have room: whoever waits in their lanes gets a turn. */
async function grant(context: RemoteContext, lanes: readonly string[]): Promise<void> {
  const known = new Set(context.platform.executors.map(({ name }) => executorLane(name)));
  for (const lane of lanes.filter((name) => known.has(name))) {
    for (;;) {
      const now = context.now();
      const ask = { lanes: [{ lane, max: TURNS_AT_A_TIME }], now, leaseUntil: now + START_WITHIN_MS, announce: false };
      const turns = await context.store.takeTurns(ask);
      await context.handover.turns(turns.map(({ job }) => job));
      if (turns.length < TURNS_AT_A_TIME) break;
    }
  }
}

/** For recovery: somebody may wait in a lane though whoever brought him there did not live to grant his turn. */
export const grantAll = (context: RemoteContext): Promise<void> =>
  grant(context, context.platform.executors.map(({ name }) => executorLane(name))); // prettier-ignore
