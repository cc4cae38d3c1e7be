// What the pool and its hosts (threads and child processes) tell each other. A host runs one bundle, one call at a time.
import type { Call } from "../../../functions/call.ts";
import type { HostNews } from "../../../functions/function-host.ts";

export interface TicketedCall extends Call {
  readonly ticket: number;
}

export type ToHost = { readonly calls: readonly TicketedCall[] } | { readonly stop: string };

/** `begun`: processes only, threads swap the ticket. */
export type FromHost = HostNews | { readonly begun: number };

/** What a host is told when it is started. */
export interface HostData {
  readonly bundle: string;
  readonly dataDir: string;
}
