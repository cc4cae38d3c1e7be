// The attempt protocol: what an attempt that runs elsewhere asks and tells. Its token opens its own routes and nothing else, and only
// as long as it is its job's current attempt: whoever is told 409 stops.
import * as z from "zod";
import { SwitchyardError } from "../domain/errors.ts";
import type { Job } from "../domain/job.ts";
import { progressed, type ProgressNews } from "../domain/progress.ts";
import { givenTo, mustBeCurrent, progressOf, type AttemptName } from "../engine/remote/attempt.ts";
import type { RemoteContext } from "../engine/remote/context.ts";
import type { AttemptRef } from "../ports/attempt-storage.ts";
import type { JobView } from "../ports/store.ts";
import { bodyLimits } from "./body.ts";
import { ById } from "./fields.ts";
import { answer, answerText, type Register } from "./route.ts";
import { bearerOf } from "./security.ts";

export interface AttemptAccess {
  readonly context: RemoteContext;
  /** Whose token it is; null for one that is none of ours, or whose time is over. */
  readonly read: (token: string) => Promise<AttemptName | null>;
}

const Progress = z.strictObject({
  percent: z.number(),
  stage: z.string().max(1000).optional(),
  details: z.record(z.string(), z.json()).optional(),
});
const Path = z
  .string()
  .min(1)
  .max(1000)
  // oxlint-disable-next-line no-control-regex -- that is the point
  .refine((path) => !/[\u0000-\u001f\\]/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== ".."), {
    error: "must be a relative path without . and ..",
  });
const ARTIFACT_BYTES_MAX = 5 * 1024 ** 3;
const File = z.strictObject({ path: Path, size: z.int().min(0).max(ARTIFACT_BYTES_MAX), contentType: z.string().min(1).max(200) });
/** Of one request; more files take several. */
const FILES_MAX = 1000;
const LOG_CHARS_MAX = 2_000_000;
const CHECKPOINT_BYTES_MAX = 1_000_000;

const UploadAnswer = z.object({ url: z.string(), headers: z.record(z.string(), z.string()) });
const done = { 200: { description: "Taken", schema: z.object({}) } };

interface Opened {
  readonly ref: AttemptRef;
  readonly view: JobView;
}

export function attemptRoutes(register: Register, { context, read }: AttemptAccess): void {
  const opened = async (id: string, authorization: string | undefined): Promise<Opened> => {
    const bearer = bearerOf(authorization);
    if (bearer === null) throw new SwitchyardError("auth.missing", "Send the attempt's token as the header authorization: Bearer TOKEN.");
    const grant = await read(bearer);
    if (!grant) throw new SwitchyardError("auth.invalid", "This is no attempt's token, or its time is over.");
    if (grant.attemptId !== id) throw new SwitchyardError("auth.forbidden", "This token opens the routes of another attempt.");
    const view = await mustBeCurrent(context, grant);
    return { view, ref: { job: grant.job, attemptId: id, number: view.job.attempt } };
  };

  register({
    method: "get",
    path: "/v1/attempts/{id}",
    summary: "What the attempt is given: params, inputs, env and the values to be masked; or why it cannot begin",
    params: ById,
    answers: { 200: { description: "What it is given", schema: z.json() } },
    handle: async ({ params, header }) => {
      const { ref } = await opened(params.id, header("authorization"));
      const task = await givenTo(context, ref);
      if ("failure" in task) return answer({ failure: task.failure });
      return answer({ params: task.params, inputs: task.inputs, env: task.env, secrets: task.secrets });
    },
  });
  register({
    method: "post",
    path: "/v1/attempts/{id}/beat",
    summary: "It still runs; the answer says whether it is to stop",
    params: ById,
    body: z.strictObject({ progress: Progress.optional() }),
    answers: { 200: { description: "Whether to go on", schema: z.object({ cancel: z.boolean(), isCurrent: z.boolean() }) } },
    handle: async ({ params, body, header }) => {
      const { view, ref } = await opened(params.id, header("authorization"));
      if (body.progress) await tellProgress(context, view, ref, body.progress);
      return answer({ cancel: view.job.cancelRequestedAt !== null, isCurrent: true });
    },
  });
  tellingRoutes(register, context, opened);
  checkpointRoutes(register, context, opened);
  uploadRoutes(register, context, opened);
}

type Open = (id: string, authorization: string | undefined) => Promise<Opened>;

function tellingRoutes(register: Register, context: RemoteContext, opened: Open): void {
  register({
    method: "post",
    path: "/v1/attempts/{id}/progress",
    summary: "How far it is",
    params: ById,
    body: Progress,
    answers: done,
    handle: async ({ params, body, header }) => {
      const { view, ref } = await opened(params.id, header("authorization"));
      await tellProgress(context, view, ref, body);
      return answer({});
    },
  });
  register({
    method: "post",
    path: "/v1/attempts/{id}/logs",
    summary: "Records of its log, beginning with line `from` (0 = the first); the same lines may come again",
    params: ById,
    body: z.strictObject({ from: z.int().min(0), records: z.string().max(LOG_CHARS_MAX) }),
    answers: done,
    handle: async ({ params, body, header }) => {
      const { ref } = await opened(params.id, header("authorization"));
      await context.platform.storage.appendLog(ref, body.from, body.records);
      return answer({});
    },
  });
}

function checkpointRoutes(register: Register, { platform: { storage } }: RemoteContext, opened: Open): void {
  register({
    method: "get",
    path: "/v1/attempts/{id}/checkpoint",
    summary: "The latest that an attempt of its job saved; without `checkpoint` none did",
    params: ById,
    answers: { 200: { description: "The checkpoint", schema: z.object({ checkpoint: z.json().optional() }) } },
    handle: async ({ params, header }) => {
      const { ref } = await opened(params.id, header("authorization"));
      const text = await storage.checkpoint(ref.job);
      return answerText(text === null ? "{}" : `{"checkpoint":${text}}`);
    },
  });
  register({
    method: "post",
    path: "/v1/attempts/{id}/checkpoint",
    summary: "Saves what the next attempt need not do again",
    params: ById,
    body: z.strictObject({ checkpoint: z.json() }),
    answers: done,
    handle: async ({ params, body, header }) => {
      const { ref } = await opened(params.id, header("authorization"));
      const text = JSON.stringify(body.checkpoint);
      if (Buffer.byteLength(text) > CHECKPOINT_BYTES_MAX)
        throw new SwitchyardError("payload.too_large", `A checkpoint has at most ${CHECKPOINT_BYTES_MAX} bytes here; save a file instead.`);
      await storage.saveCheckpoint(ref, text);
      return answer({});
    },
  });
}

function uploadRoutes(register: Register, { platform: { storage } }: RemoteContext, opened: Open): void {
  register({
    method: "post",
    path: "/v1/attempts/{id}/artifacts",
    summary: "Announces files; the answer says where to PUT each",
    params: ById,
    body: z.strictObject({ files: z.array(File).min(1).max(FILES_MAX) }),
    answers: {
      200: { description: "Where to put them", schema: z.object({ uploads: z.array(UploadAnswer.extend({ path: z.string() })) }) },
    },
    handle: async ({ params, body, header }) => {
      const { ref } = await opened(params.id, header("authorization"));
      return answer({ uploads: await storage.artifactUploads(ref, body.files) });
    },
  });
  register({
    method: "post",
    path: "/v1/attempts/{id}/result",
    summary: "Where to PUT a result that is too large for the attempt's answer",
    params: ById,
    body: z.strictObject({ bytes: z.int().min(1).max(bodyLimits.bytes) }),
    answers: { 200: { description: "Where to put it", schema: UploadAnswer } },
    handle: async ({ params, body, header }) => {
      const { ref } = await opened(params.id, header("authorization"));
      return answer(await storage.resultUpload(ref, body.bytes));
    },
  });
}

async function tellProgress(context: RemoteContext, view: JobView, ref: AttemptRef, news: ProgressNews): Promise<void> {
  await context.store.touch([beatOf(view.job, ref, progressed(progressOf(view), news, context.now()))]);
}

const beatOf = ({ id, leaseUntil }: Job, { attemptId }: AttemptRef, progress: ReturnType<typeof progressed>) => ({
  job: id, attemptId, leaseUntil, progress,
}); // prettier-ignore
