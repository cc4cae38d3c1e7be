// The server itself: is it well, what are its limits, how busy is it.
import * as z from "zod";
import { countsOf } from "../domain/group.ts";
import { LOG_LINE_MAX_BYTES } from "../domain/log.ts";
import { specLimits } from "../domain/spec-schema.ts";
import { workflowLimits } from "../domain/workflow/definition.ts";
import { RESULT_SHOWN_BYTES } from "./answers.ts";
import { JOBS_PER_BATCH } from "./batches.ts";
import { bodyLimits } from "./body.ts";
import { LIST_LIMIT, LOG_LIMIT, WAIT_MAX_MS } from "./fields.ts";
import { answer, type Register } from "./route.ts";

const limits = {
  bodyBytes: bodyLimits.bytes,
  nesting: bodyLimits.depth,
  logLineBytes: LOG_LINE_MAX_BYTES,
  resultShownBytes: RESULT_SHOWN_BYTES,
  resultBytes: bodyLimits.bytes,
  listItems: LIST_LIMIT.most,
  logLines: LOG_LIMIT.most,
  waitSeconds: WAIT_MAX_MS / 1000,
  jobsPerBatch: JOBS_PER_BATCH,
  ...specLimits,
  ...workflowLimits,
};

export function serverRoutes(register: Register, version: string): void {
  register({
    method: "get",
    path: "/v1/health",
    summary: "Whether the server is there; needs no token",
    answers: { 200: { description: "It is", schema: z.object({ status: z.enum(["ok", "draining"]), version: z.string() }) } },
    handle: ({ context }) => answer({ status: context.isDraining ? "draining" : "ok", version }),
  });
  register({
    method: "get",
    path: "/v1/limits",
    summary: "Every limit by name",
    answers: { 200: { description: "The limits", schema: z.record(z.string(), z.number()) } },
    handle: () => answer(limits),
  });
  register({
    method: "get",
    path: "/v1/stats",
    summary: "How many jobs are in which state",
    query: z.strictObject({ groupBy: z.literal("state").default("state") }),
    answers: { 200: { description: "Counts by state", schema: z.object({ groupBy: z.string(), counts: z.record(z.string(), z.int()) }) } },
    handle: async ({ context, query }) => answer({ groupBy: query.groupBy, counts: countsOf(await context.store.counts()) }),
  });
}
