// Server-sent events, gone on with where a dropped connection left off.
import { setTimeout as wait } from "node:timers/promises";
import { SECOND } from "../../shared/domain/duration.ts";
import { unreachable } from "../errors.ts";
import type { Call } from "../call.ts";
import { Patience } from "./patience.ts";

export interface Message {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

const AGAIN_MS = SECOND;

/** Until `event: end`; a stream that merely stops is asked for again. */
export async function* followed({ client, address, err }: Call, path: string): AsyncGenerator<Message> {
  const patience = new Patience(err);
  let [lastId, hasBegun]: [string | undefined, boolean] = [undefined, false];
  for (;;) {
    try {
      const response = await client.request("GET", path, { headers: lastId === undefined ? {} : { "last-event-id": lastId } });
      hasBegun = true;
      for await (const message of messagesOf(received(response, address.url))) {
        patience.answered();
        if (message.event === "end") return;
        yield message;
        lastId = message.id ?? lastId;
      }
      // A server that ends each stream at once must not be asked without a pause.
      await wait(AGAIN_MS);
    } catch (error) {
      if (!hasBegun) throw error;
      await patience.after(error);
    }
  }
}

/** A connection that breaks is a server that is away. */
async function* received(response: Response, url: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  try {
    for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) yield decoder.decode(bytes, { stream: true });
  } catch (error) {
    throw unreachable(url, error);
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
export async function* messagesOf(chunks: AsyncIterable<string>): AsyncGenerator<Message> {
  let rest = "";
  let [id, event, data]: [string | undefined, string, string[]] = [undefined, "message", []];
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { id, event, data: data.join("\n") };
        [event, data] = ["message", []];
        continue;
      }
      const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (name === "id") id = value;
      else if (name === "event") event = value;
      else if (name === "data") data.push(value);
    }
  }
}
