import type { LogLine } from "../domain/log.ts";
import type { AttemptStorage } from "./attempt-storage.ts";
import type { Executor, ExecutorKind } from "./executor.ts";
import type { Functions } from "./functions.ts";
import type { Handover } from "./handover.ts";
import type { Page, Store } from "./store.ts";

export interface Clock {
  now(): number;
  /** Calls back once, at `at` or soon after; answers how to call it off. */
  at(at: number, call: () => void): () => void;
}

export interface LogAsk {
  readonly job: string;
  readonly attempts: readonly { readonly id: string; readonly number: number }[];
  readonly afterSeq: number;
  readonly limit: number;
}

/** Lines that attempts wrote. Executors write them; only reading is the engine's business. */
export interface Logs {
  read(ask: LogAsk): Promise<{ readonly lines: readonly LogLine[]; readonly more: boolean }>;
  tail(ask: Omit<LogAsk, "afterSeq">): Promise<readonly LogLine[]>;
  remove(jobs: readonly string[]): Promise<void>;
}

export interface StoredArtifact {
  readonly path: string;
  readonly size: number;
  readonly contentType: string;
  readonly attempt: number;
  /** Where it lies, for jobs that share this file system. */
  readonly file?: string;
}

export interface Artifacts {
  list(job: string, page: { readonly limit: number; readonly after?: string | undefined }): Promise<Page<StoredArtifact>>;
  /** Null if there is none of that name. */
  open(job: string, path: string): Promise<{ readonly artifact: StoredArtifact; readonly body: ReadableStream<Uint8Array> } | null>;
  remove(jobs: readonly string[]): Promise<void>;
  /** Where the file can be fetched without us; null if there is none of that name. */
  link?(job: string, path: string): Promise<string | null>;
}

export interface Secrets {
  /** Why jobs may not use it, as a sentence's end; null = they may. */
  refusal(reference: string): string | null;
  /** Null = it is not there. */
  read(reference: string): Promise<string | null> | string | null;
}

/** Everything the engine needs from the machine it runs on. */
export interface Platform {
  readonly store: Store;
  readonly executors: readonly ExecutorKind[];
  readonly functions: Functions;
  readonly logs: Logs;
  readonly artifacts: Artifacts;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly secrets: Secrets;
  /** Where a large result can be fetched without us, where our answers are bounded; null = nowhere. */
  readonly largeResultLink?: (job: string) => Promise<string | null>;
}

/** Attempts run in this process, or in others that it looks after. */
export interface LocalPlatform extends Platform {
  readonly executors: readonly Executor[];
}

/** Attempts run elsewhere; this process lives for one request or message. */
export interface RemotePlatform extends Platform {
  readonly handover: Handover;
  readonly storage: AttemptStorage;
}
