// The feed of all events: a page, or followed.
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import type { Context } from "../engine/context.ts";
import { EventAnswer, eventAnswer } from "./answers.ts";
import { Flag, LIST_LIMIT, ListOf, paging } from "./fields.ts";
import { answer, type Register } from "./route.ts";
import { eventStream, type StreamEvent } from "./stream.ts";

/** Followers of a busy feed read pages, not every event by itself. */
const GATHER_MS = 50;

const EventQuery = z.strictObject({
  after: z.string().max(64).optional(),
  types: z
    .string()
    .transform((text) => text.split(",").filter((type) => type !== ""))
    .optional(),
  job: z.string().max(64).optional(),
  limit: paging.limit,
  follow: Flag,
});
type EventQuery = z.output<typeof EventQuery>;

export function eventRoutes(register: Register): void {
  register({
    method: "get",
    path: "/v1/events",
    summary: "Events, oldest first, after the id of one; follow=1 streams what comes",
    query: EventQuery,
    answers: { 200: { description: "A page; go on after the id of its last", schema: ListOf(EventAnswer) } },
    handle: async ({ context, query, header, request }) => {
      if (query.follow === true)
        return eventStream(context, request, (signal) => followed(context, query, header("last-event-id"), signal));
      const page = await context.store.events({ after: query.after, types: query.types, job: query.job, limit: query.limit });
      return answer({ items: page.items.map(eventAnswer), ...(page.next !== undefined && { nextAfter: page.next }) });
    },
  });
}

/** Without a place to go on from, it begins now. */
async function* followed(
  context: Context,
  query: EventQuery,
  lastSeen: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  let after = lastSeen ?? query.after ?? (await context.store.lastEventId());
  while (!signal.aborted) {
    const stirred = Promise.withResolvers<void>();
    const stop = context.signals.listen(stirred.resolve);
    const gone = once(signal, "abort").catch(() => undefined);
    try {
      const page = await context.store.events({ after, types: query.types, job: query.job, limit: LIST_LIMIT.most });
      for (const event of page.items) yield { id: event.id, event: event.type, data: eventAnswer(event) };
      after = page.items.at(-1)?.id ?? after;
      if (page.next !== undefined) continue;
      await Promise.race([stirred.promise, gone]);
      if (!signal.aborted) await wait(GATHER_MS);
    } finally {
      stop();
    }
  }
}
