// What one job left behind and what it stands in.
import * as z from "zod";
import type { Edge } from "../domain/dependency.ts";
import { SwitchyardError } from "../domain/errors.ts";
import { attemptsOf, type Attempt } from "../domain/history.ts";
import { isFinished, jobStates, type Job } from "../domain/job.ts";
import { existing } from "../engine/change.ts";
import type { Context } from "../engine/context.ts";
import type { StoredArtifact } from "../ports/platform.ts";
import { AttemptAnswer, attemptAnswer, EventAnswer, eventAnswer, jobAnswer } from "./answers.ts";
import { ById, cursorOf, ListOf, listOf, paging } from "./fields.ts";
import { answer, answerText, type Register } from "./route.ts";

/** More events than any history of attempts is read from at once: 100 attempts, each lost and retried. */
const HISTORY_READ = 1000;

export async function attemptsOfJob(context: Context, id: string): Promise<Attempt[]> {
  const { job } = await existing(context, id);
  const { items } = await context.store.events({ job: id, limit: HISTORY_READ });
  return attemptsOf(job, items);
}

const EdgeAnswer = z
  .object({ job: z.string(), on: z.string(), pass: z.string(), met: z.enum(["open", "met", "unmet"]), state: z.enum(jobStates) })
  .meta({ id: "Edge" });
const edgeAnswer =
  (side: "parent" | "child") =>
  (edge: Edge & { readonly jobState: string }): Record<string, unknown> => ({
    job: edge[side],
    on: edge.on,
    pass: edge.pass,
    met: edge.state,
    state: edge.jobState,
  });

const ArtifactAnswer = z
  .object({ path: z.string(), size: z.int(), contentType: z.string(), attempt: z.int(), url: z.string() })
  .meta({ id: "Artifact" });
const artifactUrl = (job: string, path: string): string => `/v1/jobs/${job}/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;

const page = z.strictObject(paging);

/** A Lambda answers at most 6 MB, in which every quote of the result is two letters. */
const RESULT_ANSWERED_BYTES = 2_000_000;

const notFinished = ({ id, state }: Job): SwitchyardError =>
  new SwitchyardError("job.not_finished", `Job ${id} is ${state}; its result is there once it has completed (GET …?wait=30s waits).`);

const noResult = ({ id, state, error }: Job): SwitchyardError =>
  new SwitchyardError("result.not_found", `Job ${id} is ${state} and left no result.${error ? ` Its error: ${error.message}` : ""}`);

export function jobReadRoutes(register: Register): void {
  resultRoute(register);
  register({
    method: "get",
    path: "/v1/jobs/{id}/progress",
    summary: "The last progress that it told",
    params: ById,
    answers: { 200: { description: "The progress; null before the first", schema: z.json() } },
    handle: async ({ context, params }) => answer(jobAnswer(await existing(context, params.id)).progress ?? null),
  });
  register({
    method: "get",
    path: "/v1/jobs/{id}/history",
    summary: "Its events, oldest first",
    params: ById,
    query: page,
    answers: { 200: { description: "A page", schema: ListOf(EventAnswer) } },
    handle: async ({ context, params, query }) => {
      await existing(context, params.id);
      return answer(
        listOf(
          await context.store.events({ job: params.id, limit: query.limit, after: cursorOf(query.cursor), order: query.order }),
          eventAnswer,
        ),
      );
    },
  });
  register({
    method: "get",
    path: "/v1/jobs/{id}/attempts",
    summary: "Its attempts, oldest first",
    params: ById,
    query: page,
    answers: { 200: { description: "A page", schema: ListOf(AttemptAnswer) } },
    handle: async ({ context, params, query }) => {
      const skip = Number(cursorOf(query.cursor) ?? 0);
      const attempts = await attemptsOfJob(context, params.id);
      const items = (query.order === "desc" ? attempts.toReversed() : attempts).slice(skip);
      const next = items.length > query.limit ? { next: String(skip + query.limit) } : {};
      return answer(listOf({ items: items.slice(0, query.limit), ...next }, attemptAnswer));
    },
  });
  edgeRoutes(register);
  artifactRoutes(register);
}

function resultRoute(register: Register): void {
  register({
    method: "get",
    path: "/v1/jobs/{id}/result",
    summary: "The bare result",
    params: ById,
    answers: {
      200: { description: "The result", schema: z.json() },
      307: { description: "Where a large one is; the token is not for there" },
    },
    handle: async ({ context, params }) => {
      const { job, result } = await existing(context, params.id);
      if (!isFinished(job)) throw notFinished(job);
      if (result === null) throw noResult(job);
      const link = Buffer.byteLength(result) > RESULT_ANSWERED_BYTES ? await context.platform.largeResultLink?.(job.id) : undefined;
      if (link) return new Response(null, { status: 307, headers: { location: link, "cache-control": "no-store" } });
      return answerText(result);
    },
  });
}

function edgeRoutes(register: Register): void {
  for (const [name, side, other] of [
    ["dependencies", "in", "parent"],
    ["dependents", "out", "child"],
  ] as const) {
    register({
      method: "get",
      path: `/v1/jobs/{id}/${name}`,
      summary: side === "in" ? "The jobs that it waits for" : "The jobs that wait for it",
      params: ById,
      query: page,
      answers: { 200: { description: "A page", schema: ListOf(EdgeAnswer) } },
      handle: async ({ context, params, query }) => {
        await existing(context, params.id);
        return answer(
          listOf(await context.store.edges(params.id, side, { limit: query.limit, after: cursorOf(query.cursor) }), edgeAnswer(other)),
        );
      },
    });
  }
}

function artifactRoutes(register: Register): void {
  register({
    method: "get",
    path: "/v1/jobs/{id}/artifacts",
    summary: "The files that it left, by path",
    params: ById,
    query: page,
    answers: { 200: { description: "A page", schema: ListOf(ArtifactAnswer) } },
    handle: async ({ context, params, query }) => {
      await existing(context, params.id);
      const found = await context.platform.artifacts.list(params.id, { limit: query.limit, after: cursorOf(query.cursor) });
      return answer(
        listOf(found, ({ file: _file, ...artifact }: StoredArtifact) => ({ ...artifact, url: artifactUrl(params.id, artifact.path) })),
      );
    },
  });
  register({
    method: "get",
    path: "/v1/jobs/{id}/artifacts/{path*}",
    summary: "One file",
    params: ById.extend({ path: z.string().min(1).max(4096) }),
    answers: {
      200: { description: "Its bytes", type: "application/octet-stream" },
      307: { description: "Where they are; the token is not for there" },
    },
    handle: async ({ context, params }) => {
      await existing(context, params.id);
      const link = await context.platform.artifacts.link?.(params.id, params.path);
      if (link) return new Response(null, { status: 307, headers: { location: link, "cache-control": "no-store" } });
      const found = await context.platform.artifacts.open(params.id, params.path);
      if (!found) throw new SwitchyardError("artifact.not_found", `Job ${params.id} left no file ${params.path}.`);
      // Files come from jobs: a page among them must not run with the rights of this server's own pages.
      return new Response(found.body, {
        headers: {
          "content-type": found.artifact.contentType,
          "content-length": String(found.artifact.size),
          "content-security-policy": "sandbox allow-scripts",
          "x-content-type-options": "nosniff",
        },
      });
    },
  });
}
