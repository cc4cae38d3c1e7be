// What the pool and its hosts (threads and child processes) tell each other. A host runs one bundle, one call at a time.
import type { Outcome } from "../../../domain/attempt.ts";
import type { JsonText } from "../../../domain/json.ts";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { JobContext } from "../../../sdk/define-job.ts";

/** One attempt of a function job. */
export interface Call {
  readonly attemptId: string;
  readonly job: JobContext["job"];
  readonly attempt: number;
  readonly params: JsonText;
  readonly inputs: JsonText;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Names of artifacts that must be there in the end. */
  readonly outputFiles: readonly string[];
}

export interface TicketedCall extends Call {
  readonly ticket: number;
}

export type ToHost = { readonly calls: readonly TicketedCall[] } | { readonly stop: string };

export type FromHost =
  /** `isDying`: what is left of the attempt dies with its host only. */
  | { readonly attemptId: string; readonly outcome: Outcome; readonly tookMs: number; readonly isDying?: true }
  | { readonly attemptId: string; readonly progress: ProgressNews }
  /** Processes only: threads swap the ticket. */
  | { readonly begun: number }
  /** An error that belongs to no attempt: whatever the host holds can no longer be trusted. */
  | { readonly stray: string };

/** What a host is told when it is started. */
export interface HostData {
  readonly bundle: string;
  readonly dataDir: string;
}

/** How a host went. */
export interface Gone {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly isOutOfMemory: boolean;
  /** It did not come as far as running anything. */
  readonly error: string | null;
}
