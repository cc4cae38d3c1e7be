// What the Lambda's main thread and the thread that runs the function tell each other.
import type { JsonText } from "../../../domain/json.ts";
import type { Call } from "../../../functions/call.ts";
import type { HostNews } from "../../../functions/function-host.ts";

export interface ThreadData {
  /** In it each attempt has a folder, named by its id. */
  readonly folder: string;
}

export type ToThread = { readonly call: Call } | { readonly stop: string } | { readonly answer: CheckpointAnswer };

export type FromThread =
  | HostNews
  /** It is loaded, as far as that goes without a job. */
  | { readonly ready: true }
  | { readonly begun: string }
  | { readonly question: CheckpointQuestion };

/** Only the main thread speaks with the API. */
export interface CheckpointQuestion {
  readonly id: number;
  /** Null = it is to be read. */
  readonly save: JsonText | null;
}

export interface CheckpointAnswer {
  /** The question's. */
  readonly id: number;
  /** What was read; absent = none was ever saved. */
  readonly text?: JsonText | undefined;
  /** Why it could not be read or saved. */
  readonly error?: string;
}
