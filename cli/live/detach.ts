// Ctrl-C while one waits: the command ends, what it waited for goes on.
import { constants } from "node:os";
import { exitCodes } from "../errors.ts";
import type { Screen } from "../output/screen.ts";

/** Exits with 0, as nothing went wrong. */
export function detachOnInterrupt(err: Screen, lines: readonly string[] = []): void {
  process.once("SIGINT", () => {
    if (err.isTerminal) err.line();
    for (const line of lines) err.line(line);
    process.exit(exitCodes.ok);
  });
  // Left to themselves these would end the process without its exit handlers, and the cursor would stay hidden.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

export const wayBack = (kind: "job" | "run", id: string): string[] => [
  `Detached: the ${kind} goes on.`,
  `  switchyard ${kind} watch ${id}    to come back`,
  `  switchyard ${kind} cancel ${id}   to stop it`,
];
