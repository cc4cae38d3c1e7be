// The use cases together, over one platform. Every verb is a file of its own; this one wires them and owns their life.
import { MINUTE } from "../domain/duration.ts";
import type { LocalPlatform } from "../ports/platform.ts";
import { Attempts } from "./attempts.ts";
import type { Context, LocalContext } from "./context.ts";
import { paramsCheck } from "./params-check.ts";
import { Pump } from "./pump.ts";
import { recoverAttempts, recoverGraph, type Recovered } from "./recover.ts";
import { follow } from "./release.ts";
import { Signals } from "./signals.ts";
import { sweep } from "./sweep.ts";
import { DueTimer } from "./timer.ts";

const SWEEP_EVERY_MS = 10 * MINUTE;
const RECOVER_EVERY_MS = MINUTE;

export interface Engine {
  /** What the verbs work with: `submitJob(engine.context, …)`. */
  readonly context: Context;
  readonly recovered: Recovered;
  /** Takes no new work, and waits at most so long for what runs. Answers how many attempts still run. */
  drain(forMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Recovers what the last process left, then begins to grant turns. */
export async function openEngine(platform: LocalPlatform): Promise<Engine> {
  const parts: { pump?: Pump; timer?: DueTimer } = {};
  const context: LocalContext = {
    platform,
    store: platform.store,
    attempts: new Attempts(),
    signals: new Signals(),
    checkParams: paramsCheck(),
    now: () => platform.clock.now(),
    follow: (answer) => follow(context, answer),
    wakeLanes: (lanes) => parts.pump?.wake(lanes),
    wakeAt: (at) => parts.timer?.wakeAt(at),
    handover: null,
    requestMsMax: null,
    isDraining: false,
  };
  const pump = (parts.pump = new Pump(context));
  const timer = (parts.timer = new DueTimer(context));
  const recovered = await recoverAttempts(context);
  await recoverGraph(context);
  pump.open();
  await timer.tick();
  const stopRepeating = [
    every(context, RECOVER_EVERY_MS, () => recoverGraph(context)),
    every(context, SWEEP_EVERY_MS, () => sweep(context)),
  ];
  return {
    context,
    recovered,
    drain: (forMs) => drain(context, pump, forMs),
    close: async () => {
      context.isDraining = true;
      pump.close();
      timer.close();
      for (const stop of stopRepeating) stop();
      for (const executor of platform.executors) await executor.close();
      await context.attempts.settled();
      await platform.store.close();
    },
  };
}

function every(context: Context, everyMs: number, work: () => Promise<unknown>): () => void {
  const timer = setInterval(() => context.attempts.background(work()), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

async function drain(context: Context, pump: Pump, forMs: number): Promise<number> {
  context.isDraining = true;
  pump.close();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, forMs);
  await Promise.race([context.attempts.idle(), promise]);
  clearTimeout(timer);
  return context.attempts.size;
}
