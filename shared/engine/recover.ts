// After a crash, and every now and then: whatever was lost is found and put right, and told in the job's history.
import { settled } from "../domain/attempt.ts";
import { repaired } from "../domain/steer.ts";
import { holdsTurn, type Job } from "../domain/job.ts";
import { isGroupEnd } from "../domain/group.ts";
import { changeJob } from "./change.ts";
import type { Context, LocalContext } from "./context.ts";
import { evaluateGroupById } from "./evaluate-group.ts";
import { drive } from "./lifecycle.ts";
import { release } from "./release.ts";
import { reportFor, stop, watchTime } from "./run.ts";
import { inHand } from "./start.ts";
import { leaveRefused } from "./steer.ts";
import { cancelJobsOf } from "./steer-group.ts";
import { fullTask } from "./task.ts";

const PAGE = 200;

export interface Recovered {
  /** Attempts that outlived the last server and are in hand again. */
  readonly adopted: number;
  readonly lost: number;
}

/** At start: before the first turn is granted. */
export async function recoverAttempts(context: LocalContext): Promise<Recovered> {
  let [adopted, lost] = [0, 0];
  let after: string | undefined;
  do {
    const page = await context.store.unfinishedTurns({ limit: PAGE, after });
    const found = await Promise.all(
      page.items.filter(({ attemptId }) => !context.attempts.has(attemptId ?? "")).map((job) => adopt(context, job)),
    );
    adopted += found.filter(Boolean).length;
    lost += found.filter((isAdopted) => !isAdopted).length;
    after = page.next;
  } while (after !== undefined);
  return { adopted, lost };
}

async function adopt(context: LocalContext, job: Job): Promise<boolean> {
  const view = await context.store.job(job.id);
  const executor = context.platform.executors.find(({ name }) => name === job.executor);
  if (!view || !executor) return lose(context, job, "Its executor is not there any more.");
  const live = inHand(context, { job: view.job, spec: view.spec, params: view.params }, executor);
  live.progress = view.progress;
  const task = await fullTask(context, live, view.params);
  const report = reportFor(context, live, (outcome) => drive(context, { do: "settle", live, outcome }));
  const found = "failure" in task ? false : await executor.adopt(task, report);
  if (!found) {
    context.attempts.letGo(live);
    context.attempts.remove(live);
    return lose(context, job, "The server was restarted.");
  }
  if (live.isOver) return true;
  live.startedAt = found.startedAt;
  watchTime(context, live);
  if (view.job.cancelRequestedAt !== null) stop(live, "wish");
  return true;
}

async function lose(context: Context, { id, attemptId }: Job, reason: string): Promise<false> {
  const chance = context.platform.random();
  await leaveRefused(
    changeJob(context, id, (stored) =>
      holdsTurn(stored) && stored.attemptId === attemptId
        ? repaired(
            settled(stored, { outcome: { lost: reason }, startedAt: null, now: context.now(), chance }),
            "its attempt was lost with the server",
          )
        : null,
    ),
  );
  return false;
}

/** Dependants that were not told, batches and runs that ended unseen, cancels that were interrupted. */
export async function recoverGraph(context: Context): Promise<void> {
  for (const parent of await context.store.unreleased(PAGE)) await release(context, parent);
  for (const id of await context.store.idleGroups(PAGE)) await evaluateGroupById(context, id);
  for (const kind of ["batch", "run"] as const) {
    const { items } = await context.store.groups({ kind, state: "running", limit: PAGE });
    for (const { group } of items) if (group.cancelRequestedAt !== null && !isGroupEnd(group.state)) await cancelJobsOf(context, group);
  }
}
