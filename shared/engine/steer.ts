// What users do to one job by hand. Each answers the job as it is afterwards.
import { startedByHand } from "../domain/begin.ts";
import { SwitchyardError } from "../domain/errors.ts";
import { isGroupEnd, nextGroup, type Group } from "../domain/group.ts";
import { holdsTurn, isFinished, type Job, type JobError } from "../domain/job.ts";
import type { JsonText } from "../domain/json.ts";
import { progressed, type ProgressNews } from "../domain/progress.ts";
import { cancelledByUser, cancelRequested, completedByHand, failedByHand, paused, resumed, retriedByHand } from "../domain/steer.ts";
import type { Change } from "../ports/store.ts";
import { changeJob, existing, type Changed } from "./change.ts";
import type { Context } from "./context.ts";
import { persist } from "./persist.ts";
import { stop } from "./run.ts";

export async function startJob(context: Context, id: string): Promise<Job> {
  const { job } = await changeJob(context, id, (stored) => startedByHand(stored, context.now()));
  await evaluateEdges(context, job);
  return job;
}

/** `isAtOnce`: it was cancelled or had been; else its executor is asked to stop it. */
export async function cancelJob(context: Context, id: string): Promise<{ readonly job: Job; readonly isAtOnce: boolean }> {
  const { before, job } = await changeJob(context, id, (stored) =>
    // Elsewhere nobody begins what is over: the turn is not begun yet, so that there is nothing to stop.
    context.handover && stored.state === "starting" ? cancelledByUser(stored, context.now()) : cancelRequested(stored, context.now()),
  );
  stopAttempt(context, job);
  return { job, isAtOnce: isFinished(job) || before.cancelRequestedAt !== null };
}

/** Whatever of the job runs in this process is stopped; its end is fenced if the job is over already. */
function stopAttempt(context: Context, job: Job): void {
  const live = context.attempts.ofJob(job.id);
  if (live && live.attemptId === job.attemptId) stop(live, "wish");
}

export async function pauseJob(context: Context, id: string): Promise<Job> {
  return (await changeJob(context, id, (stored) => paused(stored, context.now()))).job;
}

export async function resumeJob(context: Context, id: string): Promise<Job> {
  const { job } = await changeJob(context, id, (stored) => resumed(stored, context.now()));
  await evaluateEdges(context, job);
  return job;
}

/** Its dependencies may all have ended while it was not looking. */
async function evaluateEdges(context: Context, job: Job): Promise<void> {
  if (job.state !== "blocked") return;
  const answer = await context.store.evaluate(job.id, context.now());
  if (!answer.ok) return;
  context.wakeLanes(answer.queued);
  context.follow(answer);
}

/** Also brings back whoever was cancelled for it, and the batch or run that it had ended. */
export async function retryJob(context: Context, id: string): Promise<Job> {
  const { job } = await changeJob(
    context,
    id,
    (stored) => {
      if (stored.endReason?.code === "dependency_failed") {
        return { refused: "it was cancelled for a job that it depends on; retry that one, and this one follows" };
      }
      return retriedByHand(stored, context.now());
    },
    { also: (retried) => reopenGroups(context, retried) },
  );
  const answer = await persist(() => context.store.revive(id, context.now()));
  if (answer.ok) context.wakeLanes(answer.queued);
  await evaluateEdges(context, job);
  return job;
}

export async function reopenGroups(context: Context, job: Job): Promise<Change> {
  const groups = await Promise.all([job.batchId, job.runId].filter((id) => id !== null).map((id) => context.store.group(id)));
  return { groups: groups.flatMap((found) => (found && isGroupEnd(found.group.state) ? [reopened(found.group)] : [])) };
}

const reopened = (group: Group) =>
  nextGroup(group, { state: "running", finishedAt: null, cancelRequestedAt: null }, { type: `${group.kind}.retried`, data: {} });

export async function completeJob(context: Context, id: string, result: JsonText): Promise<Job> {
  const changed = await changeJob(context, id, (stored) => completedByHand(stored, context.now()), { result });
  return endedByHand(context, changed);
}

export async function failJob(context: Context, id: string, error: JobError): Promise<Job> {
  const changed = await changeJob(context, id, (stored) => failedByHand(stored, error, context.now()));
  return endedByHand(context, changed);
}

function endedByHand(context: Context, { job }: Changed): Job {
  stopAttempt(context, job);
  return job;
}

export async function tellJobProgress(context: Context, id: string, news: ProgressNews): Promise<void> {
  const { job, progress } = await existing(context, id);
  if (!holdsTurn(job) || job.attemptId === null) {
    throw new SwitchyardError("job.wrong_state", `Job ${id} is ${job.state}; only a running job has progress to tell.`);
  }
  const live = context.attempts.ofJob(id);
  const next = progressed(live?.progress ?? progress, news, context.now());
  if (live) live.progress = next;
  const stale = await context.store.touch([{ job: id, attemptId: job.attemptId, leaseUntil: job.leaseUntil, progress: next }]);
  if (stale.length > 0) throw new SwitchyardError("job.wrong_state", `Job ${id} has ended meanwhile.`);
  context.signals.changed(id);
}

/** For many jobs at once: a job that cannot do it is left as it is. */
export async function leaveRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SwitchyardError && (error.code === "job.wrong_state" || error.code === "job.not_found")) return null;
    throw error;
  }
}
