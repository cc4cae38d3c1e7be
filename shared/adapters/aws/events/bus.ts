// Events go out on the custom bus: source `switchyard`, detail-type the event's type, detail the event as users read it.
import { setTimeout as wait } from "node:timers/promises";
import { PutEventsCommand, type EventBridgeClient, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { StoredEvent } from "../../../domain/history.ts";
import { names } from "../../../names.ts";
import { detailOf } from "./detail.ts";

/** EventBridge's own limits: ten entries and 256 KB a request. */
const ENTRIES_PER_REQUEST = 10;
const REQUEST_BYTES_MAX = 250_000;
const TRIES = 5;
const FIRST_WAIT_MS = 50;

export interface BusOptions {
  readonly client: EventBridgeClient;
  readonly busName: string;
  /** Types that somebody wants; `*` = all, `job.*` = all of a family. Each published event costs money. */
  readonly publish: readonly string[];
}

export class EventBus {
  readonly #options: BusOptions;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /** Answers the ids of those that were refused after all tries. */
  async publish(events: readonly StoredEvent[]): Promise<string[]> {
    const wanted = events.filter(({ type }) => isWanted(this.#options.publish, type));
    const refused: string[] = [];
    for (const group of grouped(wanted.map((event) => ({ id: event.id, entry: this.#entryOf(event) }))))
      refused.push(...(await this.#put(group)));
    return refused;
  }

  #entryOf(event: StoredEvent): PutEventsRequestEntry {
    return {
      EventBusName: this.#options.busName,
      Source: names.eventSource,
      DetailType: event.type,
      Time: new Date(event.at),
      Detail: JSON.stringify(detailOf(event)),
    };
  }

  /** A request may be taken in part. */
  async #put(group: readonly Entry[]): Promise<string[]> {
    let left = group;
    for (let tries = 1; ; tries++) {
      const answer = await this.#options.client.send(new PutEventsCommand({ Entries: left.map(({ entry }) => entry) }));
      left = left.filter((_, index) => answer.Entries?.[index]?.ErrorCode !== undefined);
      if (left.length === 0 || tries === TRIES) return left.map(({ id }) => id);
      await wait(Math.random() * FIRST_WAIT_MS * 2 ** tries);
    }
  }
}

interface Entry {
  readonly id: string;
  readonly entry: PutEventsRequestEntry;
}

export const isWanted = (publish: readonly string[], type: string): boolean =>
  publish.some((wanted) => wanted === "*" || wanted === type || (wanted.endsWith(".*") && type.startsWith(wanted.slice(0, -1))));

function grouped(entries: readonly Entry[]): Entry[][] {
  const groups: Entry[][] = [];
  let bytes = Infinity;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.entry.Detail ?? "");
    if (bytes + size > REQUEST_BYTES_MAX || groups.at(-1)!.length === ENTRIES_PER_REQUEST) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(entry);
    bytes += size;
  }
  return groups;
}
