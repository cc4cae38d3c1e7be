// Log lines of a job: a page, the tail, or followed to their end.
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { isFinished } from "../domain/job.ts";
import type { LogLine } from "../domain/log.ts";
import { existing } from "../engine/change.ts";
import type { Context } from "../engine/context.ts";
import { iso } from "./answers.ts";
import { ById, Flag, ListOf, logLimit, LOG_LIMIT } from "./fields.ts";
import { attemptsOfJob } from "./job-reads.ts";
import { answer, type Register } from "./route.ts";
import { eventStream, type StreamEvent } from "./stream.ts";

const LineAnswer = z
  .object({
    seq: z.int(),
    at: z.iso.datetime(),
    stream: z.enum(["stdout", "stderr"]),
    text: z.string(),
    attempt: z.int(),
    partial: z.boolean().optional(),
  })
  .meta({ id: "LogLine" });

const lineAnswer = (line: LogLine): Record<string, unknown> => ({ ...line, at: iso(line.at) });

/** How long a follower may lag behind a file that nobody tells us of. */
const LOOK_AGAIN_MS = 200;

const LogQuery = z.strictObject({
  attempt: z.coerce.number().int().min(1).optional(),
  tail: z.coerce.number().int().min(0).max(LOG_LIMIT.most).optional(),
  after: z.coerce.number().int().min(0).optional(),
  limit: logLimit,
  follow: Flag,
});
type LogQuery = z.output<typeof LogQuery>;

export function logRoutes(register: Register): void {
  register({
    method: "get",
    path: "/v1/jobs/{id}/logs",
    summary: "Its log lines in order; follow=1 streams them until the job has ended",
    params: ById,
    query: LogQuery,
    answers: {
      200: {
        description: "Lines; `nextAfter` goes on where this page ends",
        schema: ListOf(LineAnswer).extend({ nextAfter: z.int().optional() }),
      },
    },
    handle: async ({ context, params, query, header, request }) => {
      await existing(context, params.id);
      if (query.follow === true)
        return eventStream(context, request, (signal) => followed(context, params.id, query, Number(header("last-event-id") ?? 0), signal));
      const attempts = await wantedAttempts(context, params.id, query);
      if (query.tail !== undefined)
        return answer({ items: (await context.platform.logs.tail({ job: params.id, attempts, limit: query.tail })).map(lineAnswer) });
      const { lines, more } = await context.platform.logs.read({
        job: params.id,
        attempts,
        afterSeq: query.after ?? 0,
        limit: query.limit,
      });
      return answer({ items: lines.map(lineAnswer), ...(more && lines.length > 0 && { nextAfter: lines.at(-1)!.seq }) });
    },
  });
}

async function wantedAttempts(context: Context, id: string, { attempt }: LogQuery): Promise<{ id: string; number: number }[]> {
  const attempts = await attemptsOfJob(context, id);
  return attempts.filter(({ number, id: attemptId }) => attemptId !== "" && (attempt === undefined || number === attempt));
}

async function* followed(
  context: Context,
  id: string,
  query: LogQuery,
  lastSeen: number,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  let after = Math.max(query.after ?? 0, lastSeen);
  if (query.tail !== undefined && after === 0) {
    const tail = await context.platform.logs.tail({ job: id, attempts: await wantedAttempts(context, id, query), limit: query.tail });
    for (const line of tail) yield event(line);
    after = tail.at(-1)?.seq ?? 0;
  }
  while (!signal.aborted) {
    // Looked at before the lines: what is written before the end is read before the end is told.
    const stored = await context.store.job(id);
    const { lines, more } = await context.platform.logs.read({
      job: id,
      attempts: await wantedAttempts(context, id, query),
      afterSeq: after,
      limit: query.limit,
    });
    for (const line of lines) yield event(line);
    after = lines.at(-1)?.seq ?? after;
    if (more) continue;
    if (!stored || isFinished(stored.job)) return yield { event: "end", data: { state: stored?.job.state ?? "removed" } };
    await soonOrStirred(context, id, signal);
  }
}

const event = (line: LogLine): StreamEvent => ({ id: String(line.seq), data: lineAnswer(line) });

async function soonOrStirred(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = context.signals.listen(resolve, id);
  const calledOff = new AbortController();
  const gone = once(signal, "abort", { signal: calledOff.signal }).catch(() => undefined);
  await Promise.race([promise, gone, wait(LOOK_AGAIN_MS, undefined, { signal: calledOff.signal }).catch(() => undefined)]);
  calledOff.abort();
  stop();
}
