// An attempt that runs elsewhere, from its turn to the task that whoever carries it out is given.
import type { AttemptFailure } from "../../domain/attempt.ts";
import { SwitchyardError } from "../../domain/errors.ts";
import { holdsTurn } from "../../domain/job.ts";
import type { Progress } from "../../domain/progress.ts";
import { durationMs } from "../../domain/spec.ts";
import type { Task } from "../../ports/executor.ts";
import type { JobView } from "../../ports/store.ts";
import { specOf } from "../stored-spec.ts";
import { fullTask, hasSecrets, taskOf } from "../task.ts";
import type { RemoteContext } from "./context.ts";

/** An attempt as messages name it. */
export interface AttemptName {
  readonly job: string;
  readonly attemptId: string;
}

/** The job, if this is its attempt and not over; else null. */
export async function current(context: RemoteContext, { job: id, attemptId }: AttemptName): Promise<JobView | null> {
  const view = await context.store.job(id);
  return view && holdsTurn(view.job) && view.job.attemptId === attemptId ? view : null;
}

/** @throws SwitchyardError `attempt.not_current` */
export async function mustBeCurrent(context: RemoteContext, name: AttemptName): Promise<JobView> {
  const view = await current(context, name);
  if (view) return view;
  throw new SwitchyardError("attempt.not_current", `The attempt ${name.attemptId} is over, or another has taken its place: stop.`);
}

/** What the attempt that runs now has told; an earlier one's is not built upon. */
export const progressOf = ({ job, progress }: JobView): Progress | null =>
  progress && progress.at >= (job.startedAt ?? 0) ? progress : null;

export interface Launch {
  readonly task: Task;
  /** There are secrets, which nobody between us and the attempt may see: they are read when the attempt asks for them. */
  readonly hasSecrets: boolean;
  /** The nearer of its time-out and the job's deadline; never below 0. */
  readonly limitMs: number;
  readonly isDeadline: boolean;
}

/** Null = there is nothing to start: it has begun, or is over. */
export async function launchOf(context: RemoteContext, name: AttemptName): Promise<Launch | { readonly failure: AttemptFailure } | null> {
  const view = await current(context, name);
  if (view?.job.state !== "starting") return null;
  const spec = specOf(view.spec);
  const attempted = { attemptId: name.attemptId, job: view.job, spec };
  const isSecret = hasSecrets(spec);
  const task = isSecret ? taskOf(attempted, view.params) : await fullTask(context, attempted, view.params);
  if ("failure" in task) return task;
  const left = view.job.deadlineAt === null ? Infinity : Math.max(0, view.job.deadlineAt - context.now());
  const timeoutMs = durationMs(spec.timeout) ?? Infinity;
  return { task, hasSecrets: isSecret, limitMs: Math.min(timeoutMs, left), isDeadline: left < timeoutMs };
}

/** What the attempt is given, when it asks itself. @throws SwitchyardError `attempt.not_current` */
export async function givenTo(context: RemoteContext, name: AttemptName): Promise<Task | { readonly failure: AttemptFailure }> {
  const view = await mustBeCurrent(context, name);
  return fullTask(context, { attemptId: name.attemptId, job: view.job, spec: specOf(view.spec) }, view.params);
}
