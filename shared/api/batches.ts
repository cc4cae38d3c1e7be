// Jobs submitted together.
import * as z from "zod";
import { groupStates, type GroupKind } from "../domain/group.ts";
import { JobInput } from "../domain/spec-schema.ts";
import type { Context } from "../engine/context.ts";
import { cancelGroup, existingGroup, pauseGroup, resumeGroup, retryGroup, startGroup, type Found } from "../engine/steer-group.ts";
import { submitBatch, type Batch } from "../engine/submit.ts";
import { BatchAnswer, batchAnswer, JobAnswer, jobAnswer } from "./answers.ts";
import { ById, cursorOf, ListOf, listOf, paging, Wait, waitMs } from "./fields.ts";
import { acceptedAnswer, onceOf } from "./once.ts";
import { answer, type Register } from "./route.ts";
import { waitForGroup } from "./wait.ts";

export const JOBS_PER_BATCH = 10_000;

const BatchInput = z
  .strictObject({
    name: z.string().min(1).max(256).optional(),
    jobs: z.array(JobInput).min(1).max(JOBS_PER_BATCH),
    autoStart: z.boolean().optional(),
    tolerate: z
      .union([z.int().min(0).max(JOBS_PER_BATCH), z.string().regex(/^(100|\d{1,2})%$/)], {
        error: 'must be a number of jobs or a share such as "5%"',
      })
      .optional(),
  })
  .meta({ id: "BatchInput" });

const tolerated = (tolerate: string | number | undefined, jobs: number): number =>
  typeof tolerate === "string" ? Math.floor((Number.parseInt(tolerate, 10) / 100) * jobs) : (tolerate ?? 0);

/** Jobs are told by id and place: 10,000 whole ones would be an answer of many megabytes. */
function submittedAnswer({ group, jobs }: Batch): Record<string, unknown> {
  const counts: Record<string, number> = {};
  for (const { job } of jobs) counts[job.state] = (counts[job.state] ?? 0) + 1;
  return {
    ...batchAnswer({ group, tally: counts }),
    jobs: jobs.map(({ job }) => ({ id: job.id, ...(job.name !== null && { name: job.name }), state: job.state })),
  };
}

export function batchRoutes(register: Register): void {
  register({
    method: "post",
    path: "/v1/batches",
    summary: "Submit jobs together: all or nothing; dependencies may be indexes of the batch",
    body: BatchInput,
    answers: {
      201: {
        description: "Accepted; jobs in the order given",
        schema: BatchAnswer.extend({ jobs: z.array(z.object({ id: z.string(), name: z.string().optional(), state: z.string() })) }),
      },
    },
    handle: async ({ context, body, header }) => {
      const input = { ...body, tolerate: tolerated(body.tolerate, body.jobs.length) };
      const accepted = await submitBatch(context, input, onceOf(header("idempotency-key"), "batch", body, context.now(), submittedAnswer));
      return acceptedAnswer(accepted, submittedAnswer);
    },
  });
  register({
    method: "get",
    path: "/v1/batches",
    summary: "List batches, newest first",
    query: z.strictObject({ ...paging, name: z.string().optional(), state: z.enum(groupStates).optional() }),
    answers: { 200: { description: "A page", schema: ListOf(BatchAnswer) } },
    handle: async ({ context, query: { cursor, ...query } }) =>
      answer(listOf(await context.store.groups({ kind: "batch", ...query, after: cursorOf(cursor) }), batchAnswer)),
  });
  register({
    method: "get",
    path: "/v1/batches/{id}",
    summary: "A batch, as it is now or, with wait, once it has ended",
    params: ById,
    query: z.strictObject({ wait: Wait }),
    answers: { 200: { description: "The batch", schema: BatchAnswer } },
    handle: async ({ context, params, query }) => answer(batchAnswer(await waitForGroup(context, "batch", params.id, waitMs(query.wait)))),
  });
  register({
    method: "get",
    path: "/v1/batches/{id}/jobs",
    summary: "Its jobs, in the order given",
    params: ById,
    query: z.strictObject(paging),
    answers: { 200: { description: "A page", schema: ListOf(JobAnswer) } },
    handle: async ({ context, params, query: { limit, cursor, order } }) => {
      await existingGroup(context, "batch", params.id);
      return answer(
        listOf(await context.store.jobs({ batchId: params.id, limit, after: cursorOf(cursor), order: order ?? "asc" }), jobAnswer),
      );
    },
  });
  groupVerbs(register, "batch", "/v1/batches/{id}", BatchAnswer, batchAnswer, { start: startGroup });
}

type Verb = (context: Context, kind: GroupKind, id: string) => Promise<Found>;

/** Batches and runs are steered alike. */
export function groupVerbs(
  register: Register,
  kind: GroupKind,
  path: string,
  schema: z.ZodType,
  show: (found: Found) => unknown,
  more: Record<string, Verb> = {},
): void {
  const verbs: Record<string, Verb> = { pause: pauseGroup, resume: resumeGroup, cancel: cancelGroup, retry: retryGroup, ...more };
  for (const [verb, act] of Object.entries(verbs)) {
    register({
      method: "post",
      path: `${path}/${verb}`,
      summary: `${verb[0]!.toUpperCase()}${verb.slice(1)} the ${kind}`,
      params: ById,
      answers: { 200: { description: `The ${kind} as it is now`, schema } },
      handle: async ({ context, params }) => answer(show(await act(context, kind, params.id))),
    });
  }
}
