// An attempt in its executor's hands: its start is shown if it lasts, its time is watched, its end handed on.
import type { Outcome } from "../domain/attempt.ts";
import { durationMs, DEFAULT_KILL_GRACE_MS } from "../domain/spec.ts";
import { progressed } from "../domain/progress.ts";
import type { Report, Task } from "../ports/executor.ts";
import type { Live } from "./attempts.ts";
import type { Context } from "./context.ts";
import { persist } from "./persist.ts";
import { writeStart } from "./start.ts";

/** Shorter attempts write their start together with their end: one write less. */
const SHORT_ATTEMPT_MS = 5;
/** Progress is written at most this often; the last word always is. */
const PROGRESS_EVERY_MS = 100;

export function run(context: Context, live: Live, task: Task, ended: (outcome: Outcome) => void): void {
  // A job may have been cancelled between its grant and now.
  if (live.stopping !== null) return ended({ returned: true });
  live.executor.start(task, reportFor(context, live, ended));
}

export function reportFor(context: Context, live: Live, ended: (outcome: Outcome) => void): Report {
  return {
    started: () => {
      if (live.isOver || live.startedAt !== null) return;
      live.startedAt = context.now();
      watchTime(context, live);
      showSoon(context, live);
    },
    progress: (news) => {
      if (live.isOver) return;
      live.progress = progressed(live.progress, news, context.now());
      tellProgressSoon(context, live);
    },
    ended: (outcome) => {
      if (live.isOver) return;
      live.isOver = true;
      for (const stop of live.timers) stop();
      ended(outcome);
    },
  };
}

/** All attempts that may turn out to last share one timer. */
const toShow = new WeakMap<Context, Set<Live>>();

function showSoon(context: Context, live: Live): void {
  if (live.isShown) return;
  const waiting = toShow.get(context);
  if (waiting) return void waiting.add(live);
  const first = new Set([live]);
  toShow.set(context, first);
  setTimeout(() => {
    toShow.delete(context);
    for (const lasting of first) {
      const age = context.now() - (lasting.startedAt ?? 0);
      if (lasting.isOver || lasting.isShown) continue;
      if (age < SHORT_ATTEMPT_MS) showSoon(context, lasting);
      else context.attempts.background(persist(() => show(context, lasting)));
    }
  }, SHORT_ATTEMPT_MS);
}

async function show(context: Context, live: Live): Promise<void> {
  if (live.isOver) return;
  await writeStart(context, live, live.startedAt ?? context.now());
  context.signals.changed(live.job.id);
}

/** Arms the time-out of the attempt and the deadline of the job, whichever is nearer. */
export function watchTime(context: Context, live: Live): void {
  const { job, spec } = live;
  const declared = spec.timeout ?? (spec.function === undefined ? undefined : context.platform.functions.get(spec.function)?.timeout);
  const timeout = durationMs(declared);
  const limits = [
    ...(timeout === null ? [] : [{ at: (live.startedAt ?? context.now()) + timeout, why: "timeout" as const }]),
    ...(job.deadlineAt === null ? [] : [{ at: job.deadlineAt, why: "deadline" as const }]),
  ].toSorted((a, b) => a.at - b.at);
  const [nearest] = limits;
  if (nearest) live.timers.push(context.platform.clock.at(nearest.at, () => stop(live, nearest.why)));
}

/** The end follows from the executor, when nothing is left. The first reason counts. */
export function stop(live: Live, why: NonNullable<Live["stopping"]>): void {
  live.stopping ??= why;
  live.executor.stop(live.attemptId, { graceMs: durationMs(live.spec.killGrace) ?? DEFAULT_KILL_GRACE_MS });
}

const toTell = new WeakMap<Context, Set<Live>>();

function tellProgressSoon(context: Context, live: Live): void {
  const waiting = toTell.get(context);
  if (waiting) return void waiting.add(live);
  const first = new Set([live]);
  toTell.set(context, first);
  setTimeout(() => {
    toTell.delete(context);
    context.attempts.background(
      tellProgress(
        context,
        [...first].filter(({ isOver }) => !isOver),
      ),
    );
  }, PROGRESS_EVERY_MS);
}

/** Before an end is settled, so that the last word is kept. */
export async function tellProgress(context: Context, lives: readonly Live[]): Promise<void> {
  const beats = lives.flatMap(({ job, attemptId, progress }) => (progress ? [{ job: job.id, attemptId, leaseUntil: null, progress }] : []));
  if (beats.length === 0) return;
  await persist(() => context.store.touch(beats));
  for (const { job } of beats) context.signals.changed(job);
}
