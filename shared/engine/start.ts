// A granted turn becomes a task for its executor.
import { started } from "../domain/attempt.ts";
import type { JsonText } from "../domain/json.ts";
import type { Executor } from "../ports/executor.ts";
import type { Turn } from "../ports/store.ts";
import type { Live } from "./attempts.ts";
import type { Context } from "./context.ts";
import type { Next } from "./lifecycle.ts";
import { persist } from "./persist.ts";
import { specOf, type StoredSpec } from "./stored-spec.ts";
import { fullTask, hasSecrets, plainEnv, taskOf } from "./task.ts";

/** The attempt is in hand from here on. Most jobs need nothing but themselves, and start without waiting for a read. */
export function begin(context: Context, turn: Turn, executor: Executor): Next | Promise<Next> {
  const live = inHand(context, turn, executor);
  const { job, spec } = live;
  const isPlain = !job.hasDependencies && !job.lostInStarting && !(spec as StoredSpec).hasReferences && !hasSecrets(spec);
  if (isPlain) return { do: "run", live, task: { ...taskOf(live, turn.params), env: plainEnv(spec) } };
  return beginWithCare(context, live, turn.params);
}

export function inHand(context: Context, turn: Turn, executor: Executor): Live {
  const live: Live = {
    job: turn.job, attemptId: turn.job.attemptId!, executor, spec: specOf(turn.spec), startedAt: null, isShown: turn.job.state === "running",
    isOver: false, stopping: null, progress: null, timers: [],
  }; // prettier-ignore
  context.attempts.add(live);
  return live;
}

async function beginWithCare(context: Context, live: Live, params: JsonText): Promise<Next> {
  // It was lost once before its start was on disk: a job that crashes the server must spend its own losses.
  if (live.job.lostInStarting) await persist(() => writeStart(context, live, context.now()));
  const task = await persist(() => fullTask(context, live, params));
  return "failure" in task ? { do: "settle", live, outcome: { failure: task.failure } } : { do: "run", live, task };
}

export async function writeStart(context: Context, live: Live, at: number): Promise<void> {
  const decision = started(live.job, live.executor.name, at, null);
  live.isShown = true;
  live.startedAt = at;
  const before = live.job;
  live.job = decision.job;
  await context.store.commit({ jobs: [{ ...decision, before }] });
}
