// Server-sent events. A server may end a stream at any time; only `event: end` means the end.
import type { Context } from "../engine/context.ts";

export interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

const HEARTBEAT_MS = 15_000;
/** Where an answer reaches its reader only once it is whole, it ends so soon after its first event. */
const GATHER_MS = 300;

/**
 * `produce` yields until its follower is gone (`signal`). A slow reader holds it back: nothing is buffered without bound. Where
 * requests are not kept waiting for long, the stream ends before, and its reader goes on by `Last-Event-ID`.
 */
export function eventStream(
  { requestMsMax }: Context,
  request: Request,
  produce: (signal: AbortSignal) => AsyncIterable<StreamEvent>,
): Response {
  const gone = new AbortController();
  request.signal.addEventListener("abort", () => gone.abort(), { once: true });
  let end = requestMsMax === null ? undefined : setTimeout(() => gone.abort(), requestMsMax);
  let isGathering = requestMsMax === null;
  const gather = (): void => {
    if (isGathering) return;
    isGathering = true;
    clearTimeout(end);
    end = setTimeout(() => gone.abort(), GATHER_MS);
  };
  const events = produce(gone.signal)[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let heartbeat: NodeJS.Timeout | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(encoder.encode(": open\n\n"));
      heartbeat = setInterval(() => controller.enqueue(encoder.encode(": still here\n\n")), HEARTBEAT_MS);
      heartbeat.unref();
    },
    pull: async (controller) => {
      try {
        const next = await events.next();
        if (next.done !== true) {
          gather();
          return controller.enqueue(encoder.encode(textOf(next.value)));
        }
      } catch (error) {
        console.error("switchyard: a stream failed:", error);
      }
      clearInterval(heartbeat);
      clearTimeout(end);
      controller.close();
    },
    cancel: async () => {
      clearInterval(heartbeat);
      clearTimeout(end);
      gone.abort();
      await events.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" } });
}

const textOf = ({ id, event, data }: StreamEvent): string =>
  `${id === undefined ? "" : `id: ${id}\n`}${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
