// How an attempt that ran elsewhere ended: recorded once, and what comes next said to the machine that drives it.
import { settled, type Outcome } from "../../domain/attempt.ts";
import { isFinished, type Job } from "../../domain/job.ts";
import { progressed, type ProgressNews } from "../../domain/progress.ts";
import type { JsonText } from "../../domain/json.ts";
import { turnIfFree, written } from "../change.ts";
import { persist } from "../persist.ts";
import { current, progressOf, type AttemptName } from "./attempt.ts";
import type { RemoteContext } from "./context.ts";
import { releaseWhile, type Release } from "./release.ts";

/** `wait`: look at the job again in so many seconds. `release`: go on telling these jobs' dependants. */
export type Next = { readonly do: "wait"; readonly job: string; readonly seconds: number } | Release | { readonly do: "end" };

/** A longer wait is a row that the clock wakes. */
const LONGEST_WAIT_MS = 60_000;

export interface Ended extends AttemptName {
  readonly outcome: Outcome;
  /** The last that it told. */
  readonly progress?: ProgressNews | undefined;
}

/** The first outcome wins; for an attempt that is over this does nothing. */
export async function settleAttempt(context: RemoteContext, ended: Ended): Promise<Next> {
  for (;;) {
    const view = await current(context, ended);
    if (!view) return { do: "end" };
    if (ended.progress) {
      const progress = progressed(progressOf(view), ended.progress, context.now());
      await context.store.touch([{ job: ended.job, attemptId: ended.attemptId, leaseUntil: view.job.leaseUntil, progress }]);
    }
    const after = await record(context, view.job, ended.outcome);
    if (after) return after;
  }
}

/** Null = somebody wrote meanwhile. An attempt that began is running: the claim says since when. */
async function record(context: RemoteContext, before: Job, outcome: Outcome): Promise<Next | null> {
  const now = context.now();
  const chance = context.platform.random();
  const decision = turnIfFree(context, settled(before, { outcome, startedAt: null, now, chance }));
  const result: { result?: JsonText } = "result" in outcome && decision.job.state === "completed" ? { result: outcome.result } : {};
  const answer = await persist(() => context.store.commit({ jobs: [{ ...decision, before, ...result }] }));
  if (!answer.ok) return null;
  const unreleased = new Set(answer.unreleased);
  const seconds = waitSeconds(decision.job, now);
  const inMachine: RemoteContext = seconds === null ? context : { ...context, wakeAt: () => undefined };
  written(inMachine, before, decision.job, { ...answer, unreleased: [] });
  const left = await releaseWhile(context, unreleased);
  if (left) return left;
  return seconds === null ? { do: "end" } : { do: "wait", job: before.id, seconds };
}

function waitSeconds(job: Job, now: number): number | null {
  if (isFinished(job) || job.state !== "delayed" || job.dueAt === null || job.dueAt - now > LONGEST_WAIT_MS) return null;
  return Math.max(1, Math.ceil((job.dueAt - now) / 1000));
}
