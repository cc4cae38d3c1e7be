// The collection of jobs.
import * as z from "zod";
import { jobStates, type JobState } from "../domain/job.ts";
import { JobInput, specLimits } from "../domain/spec-schema.ts";
import { submitJob } from "../engine/submit.ts";
import { validateJob } from "../engine/validate.ts";
import { jobAnswer, JobAnswer } from "./answers.ts";
import { cursorOf, ListOf, listOf, Moment, paging, several, Wait, waitMs } from "./fields.ts";
import { acceptedAnswer, onceOf } from "./once.ts";
import { answer, type Register } from "./route.ts";
import { waitForJob } from "./wait.ts";

/** Names that other systems use for what is not running yet. */
const aliases: Record<string, readonly JobState[]> = {
  PENDING: ["created", "blocked", "delayed", "queued"],
  SUBMITTED: ["created", "blocked", "delayed", "queued"],
  READY: ["queued"],
};
const known = new Set<string>(jobStates);

const States = z
  .string()
  .transform((text, issues) =>
    text.split(",").flatMap((state): readonly JobState[] => {
      if (known.has(state)) return [state as JobState];
      const states = aliases[state];
      if (!states) issues.addIssue({ code: "custom", message: `must be states of ${jobStates.join(", ")}, not ${state}` });
      return states ?? [];
    }),
  )
  .transform((states) => [...new Set(states)]);

const OFFSET_MAX = 10_000;

const JobFilters = z.strictObject({
  ...paging,
  state: States.optional(),
  tag: several(z.string().min(1).max(specLimits.tagChars)),
  name: z.string().optional(),
  type: z.enum(["function", "script", "container"]).optional(),
  function: z.string().optional(),
  batch: z.string().optional(),
  run: z.string().optional(),
  createdAfter: Moment.optional(),
  createdBefore: Moment.optional(),
  archived: z.stringbool().optional(),
  sort: z.enum(["createdAt", "updatedAt", "priority", "name"]).optional(),
  offset: z.coerce.number().int().min(0).max(OFFSET_MAX).optional(),
});

export function jobRoutes(register: Register): void {
  register({
    method: "post",
    path: "/v1/jobs",
    summary: "Submit a job",
    query: z.strictObject({ wait: Wait }),
    body: JobInput,
    answers: {
      201: { description: "Accepted", schema: JobAnswer },
      200: { description: "The same job was submitted before under this id", schema: JobAnswer },
    },
    handle: async ({ context, query, body, header }) => {
      const accepted = await submitJob(context, body, onceOf(header("idempotency-key"), "job", body, context.now(), jobAnswer));
      const ms = waitMs(query.wait);
      if (ms === 0) return acceptedAnswer(accepted, jobAnswer);
      const id = "repeated" in accepted ? (JSON.parse(accepted.repeated) as { id: string }).id : accepted.made.job.id;
      return answer(jobAnswer(await waitForJob(context, id, ms)), "isNew" in accepted && !accepted.isNew ? 200 : 201);
    },
  });
  register({
    method: "post",
    path: "/v1/jobs/validate",
    summary: "Check a job without submitting it",
    body: JobInput,
    answers: { 200: { description: "It would be accepted", schema: z.object({ valid: z.literal(true) }) } },
    handle: async ({ context, body }) => {
      await validateJob(context, body);
      return answer({ valid: true });
    },
  });
  register({
    method: "get",
    path: "/v1/jobs",
    summary: "List jobs, newest first",
    query: JobFilters,
    answers: { 200: { description: "A page", schema: ListOf(JobAnswer) } },
    handle: async ({ context, query }) => {
      const { limit, cursor, order, state, tag, name, type, batch, run, createdAfter, createdBefore, archived, sort, offset } = query;
      // Nothing can be archived yet: the filter is there for its other half.
      if (archived === true) return answer({ items: [] });
      const page = await context.store.jobs({
        limit, after: cursorOf(cursor), order, states: state, tags: tag, name, type, functionName: query.function, batchId: batch, runId: run, sort, offset,
        createdAfter: createdAfter === undefined ? undefined : Date.parse(createdAfter),
        createdBefore: createdBefore === undefined ? undefined : Date.parse(createdBefore),
      }); // prettier-ignore
      return answer(listOf(page, jobAnswer));
    },
  });
}
