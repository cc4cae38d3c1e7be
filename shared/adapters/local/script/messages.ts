// What the server and its spawner tell each other, and what the spawner leaves on disk for a server to come.
import type { ProcessEnd } from "../../../attempt/outcome.ts";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { ProcessId } from "./processes.ts";

/** Secrets travel here and in the environment of the process only, never by a file. */
export interface SpawnOrder {
  readonly attemptId: string;
  readonly folder: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export type SpawnerNews = { readonly attemptId: string } & (
  | { readonly spawned: SpawnedProcess }
  | { readonly progress: ProgressNews }
  | { readonly ended: ExitRecord }
);

/** process.json */
export interface SpawnedProcess extends ProcessId {
  readonly startedAt: number;
  /** How many forks the machine had seen: see `sweep`. */
  readonly forks: number;
  /** Without it nobody would ever learn the exit code. */
  readonly spawner: ProcessId;
}

/** exit.json: nothing is left of the attempt once it is there. */
export interface ExitRecord extends ProcessEnd {
  readonly endedAt: number;
}
