// Reads server-sent events as a client should: what breaks off is taken up again after what was seen last.
import type { Api } from "./api.ts";

export interface Sent {
  readonly id?: string;
  readonly event?: string;
  readonly data: Record<string, unknown>;
}

const WITHIN_MS = 60_000;

/** Until `isEnough`, or the end that the server names. `atATime`: how many are taken before the connection is cut. */
export async function followed(api: Api, path: string, isEnough: (sent: readonly Sent[]) => boolean, atATime = Infinity): Promise<Sent[]> {
  const sent: Sent[] = [];
  const until = performance.now() + WITHIN_MS;
  while (!isEnough(sent) && sent.at(-1)?.event !== "end") {
    if (performance.now() > until) throw new Error(`${path} sent too little: ${JSON.stringify(sent).slice(-2000)}`);
    const last = sent.findLast(({ id }) => id !== undefined)?.id;
    const response = await api.request("GET", path, undefined, last === undefined ? {} : { "last-event-id": last });
    if (response.headers.get("content-type") !== "text/event-stream") throw new Error(`${path} is no stream: ${await response.text()}`);
    const enough = sent.length + atATime;
    for await (const event of eventsOf(response)) {
      sent.push(event);
      if (event.event === "end" || sent.length >= enough || isEnough(sent)) break;
    }
  }
  return sent;
}

async function* eventsOf(response: Response): AsyncGenerator<Sent> {
  let rest = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      if (fields.data !== undefined) yield { ...fields, data: JSON.parse(fields.data) as Record<string, unknown> };
    }
  }
}

export const hasEnded = (sent: readonly Sent[]): boolean => sent.at(-1)?.event === "end";
