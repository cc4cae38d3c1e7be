// One job: to look at and to steer.
import * as z from "zod";
import type { Job } from "../domain/job.ts";
import { existing } from "../engine/change.ts";
import type { Context } from "../engine/context.ts";
import { cancelJob, completeJob, failJob, pauseJob, resumeJob, retryJob, startJob, tellJobProgress } from "../engine/steer.ts";
import { jobAnswer, JobAnswer } from "./answers.ts";
import { ById, Wait, waitMs } from "./fields.ts";
import { answer, type Register } from "./route.ts";
import { waitForJob } from "./wait.ts";

const CompleteInput = z.strictObject({ result: z.json().optional() });
const FailInput = z.strictObject({
  code: z.string().min(1).max(128).optional(),
  message: z.string().max(8192).optional(),
  retryable: z.boolean().optional(),
  details: z.json().optional(),
});
const ProgressInput = z.strictObject({
  percent: z.number(),
  stage: z.string().max(256).optional(),
  details: z.record(z.string(), z.json()).optional(),
});

const shown = async (context: Context, id: string, status = 200): Promise<Response> =>
  answer(jobAnswer(await existing(context, id)), status);
const done = { 200: { description: "The job as it is now", schema: JobAnswer } };

export function oneJobRoutes(register: Register): void {
  register({
    method: "get",
    path: "/v1/jobs/{id}",
    summary: "A job, as it is now or, with wait, once it has ended",
    params: ById,
    query: z.strictObject({ wait: Wait }),
    answers: done,
    handle: async ({ context, params, query }) => answer(jobAnswer(await waitForJob(context, params.id, waitMs(query.wait)))),
  });
  register({
    method: "post",
    path: "/v1/jobs/{id}/cancel",
    summary: "Cancel a job and all that it started",
    params: ById,
    answers: { ...done, 202: { description: "Asked for: it is being stopped", schema: JobAnswer } },
    handle: async ({ context, params }) => {
      const { isAtOnce } = await cancelJob(context, params.id);
      return shown(context, params.id, isAtOnce ? 200 : 202);
    },
  });
  const verbs: Record<string, readonly [string, (context: Context, id: string) => Promise<Job>]> = {
    start: ["Start a job that was submitted with autoStart false", startJob],
    pause: ["Keep a waiting job from going on", pauseJob],
    resume: ["Let a paused job go on", resumeJob],
    retry: ["Give a failed or cancelled job another life under its id", retryJob],
  };
  for (const [verb, [summary, act]] of Object.entries(verbs)) {
    register({
      method: "post",
      path: `/v1/jobs/{id}/${verb}`,
      summary,
      params: ById,
      answers: done,
      handle: async ({ context, params }) => {
        await act(context, params.id);
        return shown(context, params.id);
      },
    });
  }
  byHand(register);
}

function byHand(register: Register): void {
  register({
    method: "post",
    path: "/v1/jobs/{id}/complete",
    summary: "Settle a job by hand as completed; what still runs of it is killed",
    params: ById,
    body: CompleteInput,
    isBodyOptional: true,
    answers: done,
    handle: async ({ context, params, body }) => {
      await completeJob(context, params.id, JSON.stringify(body.result ?? null));
      return shown(context, params.id);
    },
  });
  register({
    method: "post",
    path: "/v1/jobs/{id}/fail",
    summary: "Settle a job by hand as failed; what still runs of it is killed",
    params: ById,
    body: FailInput,
    isBodyOptional: true,
    answers: done,
    handle: async ({ context, params, body }) => {
      const { code = "user.failed", message = "Failed by hand.", retryable = false, details } = body;
      await failJob(context, params.id, { code, message, retryable, ...(details !== undefined && { details }) });
      return shown(context, params.id);
    },
  });
  register({
    method: "post",
    path: "/v1/jobs/{id}/progress",
    summary: "Tell how far a running job is",
    params: ById,
    body: ProgressInput,
    answers: done,
    handle: async ({ context, params, body }) => {
      await tellJobProgress(context, params.id, body);
      return shown(context, params.id);
    },
  });
}
