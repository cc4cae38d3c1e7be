// What users are shown of jobs, batches, runs and events. Names and shapes are a contract.
import * as z from "zod";
import { JobErrorSchema } from "../../events/common.ts";
import { countsOf, type Group, type Tally } from "../domain/group.ts";
import type { Attempt, StoredEvent } from "../domain/history.ts";
import { executorLane, isFinished, jobStates, poolLane, type Job } from "../domain/job.ts";
import type { Json } from "../domain/json.ts";
import { JobInput } from "../domain/spec-schema.ts";
import { specOf } from "../engine/stored-spec.ts";
import type { JobView } from "../ports/store.ts";

/** Larger results have an address of their own. */
export const RESULT_SHOWN_BYTES = 64 * 1024;

const time = z.iso.datetime();

export const JobAnswer = JobInput.omit({
  payload: true,
  runner: true,
  maxRetries: true,
  retryDelay: true,
  dependencies: true,
  autoStart: true,
})
  .extend({
    id: z.string(),
    type: z.enum(["function", "script", "container"]),
    priority: z.int(),
    tags: z.array(z.string()),
    executor: z.string(),
    state: z.enum(jobStates),
    stateReason: z.object({ code: z.string(), message: z.string() }).optional(),
    archived: z.boolean(),
    attempt: z.int().describe("Counts every try, lost ones too; 0 before the first"),
    maxAttempts: z.int(),
    losses: z.int(),
    progress: z.object({ percent: z.number(), stage: z.string().optional(), details: z.record(z.string(), z.json()), at: time }).optional(),
    result: z.json().optional().describe("Up to 64 KB; a larger one is at resultUrl"),
    resultUrl: z.string().optional(),
    error: JobErrorSchema.optional(),
    batchId: z.string().optional(),
    runId: z.string().optional(),
    step: z.string().optional(),
    createdAt: time,
    queuedAt: time.optional(),
    startedAt: time.optional(),
    finishedAt: time.optional(),
    nextAttemptAt: time.optional(),
    cancelRequestedAt: time.optional(),
    updatedAt: time,
    durationMs: z.int().optional(),
    version: z.int(),
  })
  .partial({ params: true })
  .meta({ id: "Job" });

export const iso = (ms: number): string => new Date(ms).toISOString();
const isoField = <K extends string>(name: K, ms: number | null): { [P in K]?: string } =>
  ms === null ? {} : ({ [name]: iso(ms) } as { [P in K]?: string });
const field = <K extends string, T>(name: K, value: T | null | undefined): { [P in K]?: T } =>
  value === null || value === undefined ? {} : ({ [name]: value } as { [P in K]?: T });

export function jobAnswer({ job, spec: text, params, progress, result }: JobView): Record<string, unknown> {
  const { bodyHash: _hash, hasReferences: _references, part, tags = [], ...spec } = specOf(text);
  const isShown = result !== null && Buffer.byteLength(result) <= RESULT_SHOWN_BYTES;
  return {
    id: job.id,
    ...spec,
    ...field("matrix", part?.matrix),
    tags,
    params: JSON.parse(params) as Json,
    priority: job.priority,
    state: job.state,
    ...field("stateReason", stateReason(job)),
    archived: false,
    attempt: job.attempt,
    maxAttempts: job.retry.maxAttempts,
    losses: job.losses,
    ...field(
      "progress",
      progress && { percent: progress.percent, ...field("stage", progress.stage), details: progress.details, at: iso(progress.at) },
    ),
    ...(result === null ? {} : isShown ? { result: JSON.parse(result) as Json } : { resultUrl: `/v1/jobs/${job.id}/result` }),
    ...field("error", job.state === "completed" ? null : job.error),
    ...field("batchId", job.batchId),
    ...field("runId", job.runId),
    ...field("step", job.step),
    createdAt: iso(job.createdAt),
    ...isoField("queuedAt", job.queuedAt),
    ...isoField("startedAt", job.startedAt),
    ...isoField("finishedAt", job.finishedAt),
    ...isoField("nextAttemptAt", job.state === "delayed" ? job.dueAt : null),
    ...isoField("cancelRequestedAt", job.cancelRequestedAt),
    updatedAt: iso(job.updatedAt),
    ...field("durationMs", job.startedAt === null || job.finishedAt === null ? null : job.finishedAt - job.startedAt),
    version: job.version,
  };
}

/** Why it is where it is: a code, and always a sentence. */
export function stateReason(job: Job): { code: string; message: string } | null {
  if (isFinished(job)) return job.endReason && { code: job.endReason.code, message: job.endReason.message };
  if (job.cancelRequestedAt !== null) return { code: "cancel_requested", message: "It is being stopped." };
  switch (job.state) {
    case "created":
      return { code: "not_started", message: "It waits to be started by hand." };
    case "blocked":
      return { code: "waiting_dependencies", message: "It waits for jobs that it depends on." };
    case "delayed":
      return job.delayReason === "retry" || job.delayReason === "loss"
        ? { code: "waiting_retry", message: `Its next attempt is at ${iso(job.dueAt ?? 0)}.` }
        : { code: "waiting_time", message: `It is not to start before ${iso(job.dueAt ?? 0)}.` };
    case "queued":
      return job.pool !== null && job.lane === poolLane(job.pool)
        ? { code: "waiting_pool", message: `As many jobs of the key ${job.pool} run as may at once.` }
        : { code: "waiting_executor", message: `It waits for ${job.lane.slice(executorLane("").length)} to have room.` };
    case "starting":
      return { code: "launching", message: "Its executor has it and has not begun yet." };
    case "paused":
      return { code: "paused", message: `It was paused while it was ${job.pausedFrom ?? "waiting"}; resume it to go on.` };
    default:
      return null;
  }
}

export const AttemptAnswer = z
  .object({
    id: z.string(), number: z.int(), executor: z.string(), state: z.string(), startedAt: time.optional(), endedAt: time.optional(),
    exitCode: z.int().optional(), error: JobErrorSchema.optional(), lost: z.string().optional(),
  })
  .meta({ id: "Attempt" }); // prettier-ignore

export const attemptAnswer = (attempt: Attempt): z.infer<typeof AttemptAnswer> => ({
  id: attempt.id,
  number: attempt.number,
  executor: attempt.executor,
  state: attempt.state,
  ...isoField("startedAt", attempt.startedAt),
  ...isoField("endedAt", attempt.endedAt),
  ...field("exitCode", attempt.exitCode),
  ...field("error", attempt.error),
  ...field("lost", attempt.lost),
});

export const EventAnswer = z
  .object({
    id: z.string(), seq: z.int(), type: z.string(), at: time, jobId: z.string().optional(), runId: z.string().optional(),
    batchId: z.string().optional(), data: z.record(z.string(), z.json()),
  })
  .meta({ id: "Event" }); // prettier-ignore

export const eventAnswer = ({ id, seq, type, at, jobId, runId, batchId, data }: StoredEvent): Record<string, unknown> => ({
  id, seq, type, at: iso(at), ...field("jobId", jobId), ...field("runId", runId), ...field("batchId", batchId), data,
}); // prettier-ignore

const groupFields = {
  id: z.string(),
  state: z.string(),
  counts: z.record(z.string(), z.int()),
  createdAt: time,
  finishedAt: time.optional(),
};

export const BatchAnswer = z.object({ ...groupFields, name: z.string().optional() }).meta({ id: "Batch" });

export const batchAnswer = ({ group, tally }: { group: Group; tally: Tally }): z.infer<typeof BatchAnswer> => ({
  id: group.id,
  ...field("name", group.name),
  state: group.state,
  counts: countsOf(tally),
  createdAt: iso(group.createdAt),
  ...isoField("finishedAt", group.finishedAt),
});

export const RunAnswer = z
  .object({
    ...groupFields,
    workflow: z.string(),
    version: z.int(),
    params: z.json(),
    steps: z.array(z.object({ name: z.string(), state: z.string(), jobs: z.array(z.string()), result: z.json().optional() })).optional(),
    result: z.json().optional(),
  })
  .meta({ id: "Run" });

export const runSummary = ({ group, tally }: { group: Group; tally: Tally }): Record<string, unknown> => ({
  id: group.id,
  workflow: group.name ?? "",
  version: group.workflowVersion ?? 1,
  state: group.state,
  params: JSON.parse(group.params ?? "{}") as Json,
  counts: countsOf(tally),
  createdAt: iso(group.createdAt),
  ...isoField("finishedAt", group.finishedAt),
});
