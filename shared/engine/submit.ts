// Jobs and batches come in: checked whole, then written whole.
import { describeCycle, findCycle } from "../domain/graph.ts";
import { didYouMean, SwitchyardError } from "../domain/errors.ts";
import { newId } from "../domain/ids.ts";
import { wakeAt } from "../domain/job.ts";
import type { JsonText } from "../domain/json.ts";
import type { Group } from "../domain/group.ts";
import type { JobInput } from "../domain/spec-schema.ts";
import type { IdempotencyKey, JobView, NewGraph, NewRecord, Submitted } from "../ports/store.ts";
import type { Context } from "./context.ts";
import { evaluateGroupById } from "./evaluate-group.ts";
import { persist } from "./persist.ts";
import { turnIfFree } from "./change.ts";
import { bodyHash, edgesOf, prepareJob, type Place } from "./prepare.ts";
import { specOf } from "./stored-spec.ts";

/** Makes the answer that a repetition of the request gets again. */
export interface Once<T> {
  readonly key: string;
  readonly bodyHash: string;
  readonly untilMs: number;
  readonly answerOf: (made: T) => JsonText;
}

export type Accepted<T> = { readonly made: T; readonly isNew: boolean } | { readonly repeated: JsonText };

/** @throws SwitchyardError; nothing is written then. */
export async function submitJob(context: Context, input: JobInput, once?: Once<JobView>): Promise<Accepted<JobView>> {
  refuseWhileDraining(context);
  const place: Place = { path: "", now: context.now() };
  const { record, wanted } = await prepareJob(context, input, place, (input.dependencies?.length ?? 0) > 0);
  const dependencies = edgesOf(wanted, place, idOfOther);
  const whole = { ...record, dependencies };
  const view = viewOf(whole);
  const answer = await write(context, { records: [whole], group: null, key: keyOf(once, view) });
  if (answer.ok) return { made: view, isNew: true };
  if (answer.because === "key_taken") return { repeated: sameRequest(answer.key, once!) };
  if (answer.because === "id_taken") return { made: await sameJob(context, input, answer.at), isNew: false };
  throw missing(answer.at, "dependencies");
}

export function idOfOther(job: string | number, path: string): string {
  if (typeof job === "string") return job;
  throw new SwitchyardError("request.invalid", `${path}: an index names a job of a batch; a single job names others by id`, {
    faults: [{ path, message: "must be a job id" }],
  });
}

export interface BatchInput {
  readonly name?: string | undefined;
  readonly jobs: readonly JobInput[];
  readonly autoStart?: boolean | undefined;
  /** Failures that leave the batch `partial`. */
  readonly tolerate: number;
}

export interface Batch {
  readonly group: Group;
  readonly jobs: readonly JobView[];
}

/** @throws SwitchyardError; nothing is written then. */
export async function submitBatch(context: Context, input: BatchInput, once?: Once<Batch>): Promise<Accepted<Batch>> {
  refuseWhileDraining(context);
  const now = context.now();
  const group = newGroup({
    id: newId("batch"),
    kind: "batch",
    name: input.name ?? null,
    jobs: input.jobs.length,
    tolerate: input.tolerate,
    createdAt: now,
    isStarted: input.autoStart ?? true,
  });
  const records = await batchRecords(context, input, group, now);
  const batch = { group, jobs: records.map(viewOf) };
  const answer = await write(context, { records, group: { group, facts: groupFacts(group) }, key: keyOf(once, batch) });
  if (answer.ok) return { made: batch, isNew: true };
  if (answer.because === "key_taken") return { repeated: sameRequest(answer.key, once!) };
  if (answer.because === "id_taken")
    throw new SwitchyardError("job.id_taken", `There is a job ${answer.at} already; choose another id or leave it out.`);
  throw missing(answer.at, "jobs");
}

async function batchRecords(context: Context, input: BatchInput, group: Group, now: number): Promise<NewRecord[]> {
  const placeOf = (index: number): Place => ({
    path: `jobs.${index}`,
    now,
    batchId: group.id,
    ...(input.autoStart === false && { autoStart: false }),
  });
  const prepared = await Promise.all(
    input.jobs.map((job, index) => prepareJob(context, job, placeOf(index), (job.dependencies?.length ?? 0) > 0)),
  );
  const ids = prepared.map(({ record }) => record.job.id);
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index && input.jobs[index]!.id !== undefined);
  if (twice >= 0) {
    throw new SwitchyardError("request.invalid", `jobs.${twice}.id ${ids[twice]} stands twice in the batch`, {
      faults: [{ path: `jobs.${twice}.id`, message: "stands twice" }],
    });
  }
  const records = prepared.map(({ record, wanted }, index) => ({
    ...record,
    dependencies: edgesOf(wanted, placeOf(index), (job, path) => (typeof job === "string" ? job : byIndex(ids, job, path))),
  }));
  refuseCycle(records);
  return records;
}

function byIndex(ids: readonly string[], index: number, path: string): string {
  const id = ids[index];
  if (id !== undefined) return id;
  const message = `names job ${index}, but the batch has ${ids.length} (0 to ${ids.length - 1})`;
  throw new SwitchyardError("dependency.not_found", `${path} ${message}`, { faults: [{ path, message }] });
}

/** Only jobs submitted together can wait for each other: nobody can name a job that is not there yet. */
function refuseCycle(records: readonly NewRecord[]): void {
  const cycle = findCycle(new Map(records.map(({ job, dependencies }) => [job.id, dependencies.map((edge) => edge.job)])));
  if (!cycle) return;
  const indexes = new Map(records.map(({ job }, index) => [job.id, index]));
  const named = cycle.map((id) => `jobs.${indexes.get(id)}`);
  throw new SwitchyardError("dependency.cycle", `These jobs wait for each other: ${describeCycle(named)}`, {
    faults: [{ path: named[0]!, message: "is part of a cycle" }],
  });
}

/** Wakes the lanes before the write leaves, so that turns are granted in the same transaction. */
export async function write(context: Context, given: NewGraph): Promise<Submitted> {
  const graph = context.handover
    ? { ...given, records: given.records.map((record) => ({ ...record, ...turnIfFree(context, record) })) }
    : given;
  const answer = context.store.submitGraph(graph);
  if (!context.handover)
    context.wakeLanes([...new Set(graph.records.filter(({ job }) => job.state === "queued").map(({ job }) => job.lane))]);
  const submitted = await answer;
  if (!submitted.ok) return submitted;
  const started = graph.records.map(({ job }) => job).filter(({ state }) => state === "starting");
  if (context.handover && started.length > 0) context.attempts.background(context.handover.turns(started));
  context.wakeLanes(submitted.queued);
  for (const { job } of graph.records) {
    const at = wakeAt(job);
    if (at !== null) context.wakeAt(at, job.id);
  }
  // All of it may have ended at once, for want of jobs that failed before.
  if (graph.group && submitted.queued.length === 0) {
    const { id } = graph.group.group;
    context.attempts.background(persist(() => evaluateGroupById(context, id)));
  }
  context.signals.stirred();
  return submitted;
}

export function newGroup(
  given: Pick<Group, "id" | "kind" | "name" | "jobs" | "tolerate" | "createdAt"> & Partial<Group> & { isStarted: boolean },
): Group {
  const { isStarted, ...group } = given;
  return {
    state: isStarted ? "running" : "created", finishedAt: null, cancelRequestedAt: null, workflowVersion: null, params: null,
    onFailureJob: null, version: 1, ...group,
  }; // prettier-ignore
}

export const groupFacts = (group: Group): NonNullable<NewGraph["group"]>["facts"] => [
  { type: `${group.kind}.created`, data: { jobs: group.jobs } },
  ...(group.state === "running" ? [{ type: `${group.kind}.started` as const, data: {} }] : []),
];

export const viewOf = ({ job, body }: NewRecord): JobView => ({ job, spec: body.spec, params: body.params, progress: null, result: null });

export function refuseWhileDraining(context: Context): void {
  if (context.isDraining)
    throw new SwitchyardError("server.draining", "The server is shutting down and takes no new work; try again in a moment.");
}

export const keyOf = <T>(once: Once<T> | undefined, made: T): IdempotencyKey | null =>
  once ? { key: once.key, bodyHash: once.bodyHash, answer: once.answerOf(made), untilMs: once.untilMs } : null;

export function sameRequest(found: IdempotencyKey, once: Once<never>): JsonText {
  if (found.bodyHash === once.bodyHash) return found.answer;
  throw new SwitchyardError("idempotency.conflict", "This Idempotency-Key was used within 24 h for another request; use a new key.");
}

/** The same body under the same id is the same submission; anything else is another job. */
async function sameJob(context: Context, input: JobInput, id: string): Promise<JobView> {
  const view = await context.store.job(id);
  if (view && specOf(view.spec).bodyHash === bodyHash(input)) return view;
  throw new SwitchyardError("job.id_taken", `There is a job ${id} already, submitted with another body; choose another id.`);
}

export function missing(id: string, path: string): SwitchyardError {
  const hint = didYouMean(id, []);
  return new SwitchyardError("dependency.not_found", `A dependency names job ${id}, which does not exist.${hint}`, {
    faults: [{ path, message: `names ${id}, which does not exist` }],
  });
}
