// How an attempt ended is recorded: the first outcome wins, and a slot that it frees is granted in the same transaction.
import { settled, type Outcome } from "../domain/attempt.ts";
import { isFinished } from "../domain/job.ts";
import { timeUp } from "../domain/time-up.ts";
import type { Live } from "./attempts.ts";
import { written } from "./change.ts";
import type { Context } from "./context.ts";
import type { Next } from "./lifecycle.ts";
import { persist } from "./persist.ts";
import { tellProgress } from "./run.ts";

export async function settle(context: Context, live: Live, reported: Outcome): Promise<Next> {
  live.isOver = true;
  const outcome = named(live, reported);
  if (live.progress) await tellProgress(context, [live]);
  context.attempts.letGo(live);
  await persist(() => record(context, live, outcome));
  context.attempts.remove(live);
  return { do: "end" };
}

/** What was stopped is called by the reason why. */
function named(live: Live, outcome: Outcome): Outcome {
  if (!("stopped" in outcome) && !("returned" in outcome)) return outcome;
  if (live.stopping !== "timeout" && live.stopping !== "deadline") return outcome;
  const code = live.stopping === "timeout" ? "attempt.timed_out" : "job.deadline_exceeded";
  const exit = outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode };
  return { ...exit, failure: timeUp(code, live.startedAt === null ? null : Date.now() - live.startedAt) };
}

async function record(context: Context, live: Live, outcome: Outcome): Promise<void> {
  for (;;) {
    const { store, platform, now } = context;
    const decision = settled(live.job, { outcome, startedAt: live.startedAt, now: now(), chance: platform.random() });
    const result = "result" in outcome && decision.job.state === "completed" ? { result: outcome.result } : {};
    const answer = await store.commit({ jobs: [{ ...decision, before: live.job, ...result }] });
    if (answer.ok) return written(context, live.job, decision.job, answer);
    // Somebody wrote meanwhile: a cancel, a settle by hand. The fence is the attempt, and that the job is not over.
    const stored = (await store.job(live.job.id))?.job;
    if (!stored || stored.attemptId !== live.attemptId || isFinished(stored)) return;
    live.job = stored;
  }
}
