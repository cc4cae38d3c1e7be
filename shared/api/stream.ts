// Server-sent events. A server may end a stream at any time; only `event: end` means the end.

export interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

const HEARTBEAT_MS = 15_000;

/** `produce` yields until its follower is gone (`signal`). A slow reader holds it back: nothing is buffered without bound. */
export function eventStream(request: Request, produce: (signal: AbortSignal) => AsyncIterable<StreamEvent>): Response {
  const gone = new AbortController();
  request.signal.addEventListener("abort", () => gone.abort(), { once: true });
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
        if (next.done !== true) return controller.enqueue(encoder.encode(textOf(next.value)));
      } catch (error) {
        console.error("switchyard: a stream failed:", error);
      }
      clearInterval(heartbeat);
      controller.close();
    },
    cancel: async () => {
      clearInterval(heartbeat);
      gone.abort();
      await events.return?.();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" } });
}

const textOf = ({ id, event, data }: StreamEvent): string =>
  `${id === undefined ? "" : `id: ${id}\n`}${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
