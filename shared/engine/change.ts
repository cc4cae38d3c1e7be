// A decision about one job, made on what is stored and made again if somebody else was faster.
import { withTurn } from "../domain/begin.ts";
import { isRefused, type Decision, type Refused } from "../domain/decision.ts";
import { MINUTE } from "../domain/duration.ts";
import { SwitchyardError } from "../domain/errors.ts";
import { newId } from "../domain/ids.ts";
import { isFinished, wakeAt, type Job } from "../domain/job.ts";
import type { JsonText } from "../domain/json.ts";
import type { Change, Committed, JobView } from "../ports/store.ts";
import type { Context } from "./context.ts";

/** More conflicts in a row than any crowd of callers makes. */
const TRIES = 20;

/** A turn that nobody has begun by then was lost on its way, and is handed over again. */
export const START_WITHIN_MS = MINUTE;

export async function existing(context: Context, id: string): Promise<JobView> {
  const view = await context.store.job(id);
  if (!view) throw new SwitchyardError("job.not_found", `There is no job ${id}. \`switchyard job list\` shows those there are.`);
  return view;
}

/** Null = nothing to do, the job is answered as it is. */
export type Decide = (job: Job, view: JobView) => Decision | Refused | null;

export interface Changed {
  readonly before: Job;
  readonly job: Job;
}

/** @throws SwitchyardError `job.not_found`, or `job.wrong_state` if the decision is refused. */
export async function changeJob(
  context: Context,
  id: string,
  decide: Decide,
  more: { result?: JsonText; also?: (job: Job) => Promise<Change> } = {},
): Promise<Changed> {
  for (let tries = 0; tries < TRIES; tries++) {
    const view = await existing(context, id);
    const decided = decide(view.job, view);
    if (decided === null) return { before: view.job, job: view.job };
    if (isRefused(decided)) throw new SwitchyardError("job.wrong_state", `Job ${id} cannot do that: ${decided.refused}.`);
    const decision = turnIfFree(context, decided);
    const write = { ...decision, before: view.job, ...(more.result !== undefined && { result: more.result }) };
    const also = (await more.also?.(decision.job)) ?? {};
    const answer = await context.store.commit({ ...also, jobs: [write] });
    if (!answer.ok) continue;
    written(context, view.job, decision.job, answer);
    return { before: view.job, job: decision.job };
  }
  throw new SwitchyardError("store.unavailable", `Job ${id} is changed by others without pause; try again.`);
}

/** The same write grants the turn where attempts run elsewhere and nothing else holds the job back. */
export const turnIfFree = (context: Context, decision: Decision): Decision =>
  context.handover ? withTurn(decision, newId("attempt"), context.now(), context.now() + START_WITHIN_MS) : decision;

/** What has to be told and started after a job was written. */
export function written(context: Context, before: Job, job: Job, answer: Committed & { ok: true }): void {
  const at = wakeAt(job);
  if (at !== null) context.wakeAt(at, job.id);
  if (isFinished(job)) context.signals.ended(job.id);
  else context.signals.changed(job.id);
  if (context.handover && job.state === "starting" && job.attempt > before.attempt)
    context.attempts.background(context.handover.turns([job]));
  if (answer.queued.length > 0) context.wakeLanes(answer.queued);
  if (isFinished(job) || answer.ended.length > 0 || answer.idleGroups.length > 0) context.follow(answer);
}
