// One error class with a closed set of codes. The API maps each code to a status, once (api/problem.ts).
import type { Json } from "./json.ts";

export const errorCodes = [
  "request.invalid", "request.foreign_origin", "request.wrong_type", "payload.too_large",
  "auth.missing", "auth.invalid", "auth.forbidden",
  "route.not_found", "route.wrong_method",
  "job.not_found", "job.id_taken", "job.wrong_state", "job.not_finished", "result.not_found", "artifact.not_found",
  "attempt.not_found", "attempt.not_current", "outcome.conflict",
  "batch.not_found", "batch.wrong_state", "workflow.not_found", "workflow.invalid", "run.not_found", "run.wrong_state",
  "function.not_found", "function.unknown", "function.invalid_params", "script.not_found", "script.not_runnable",
  "dependency.not_found", "dependency.cycle", "secret.unknown", "executor.unavailable", "executor.impossible",
  "list.too_broad", "idempotency.conflict", "quota.exceeded", "store.unavailable", "server.draining", "server.failed",
] as const; // prettier-ignore
export type ErrorCode = (typeof errorCodes)[number];

/** Where in the request something is wrong: `path` is dotted, as `jobs.3.params.x`. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

export class SwitchyardError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly details: Json | undefined;

  /** `message` is for the user and says what to do next. */
  constructor(code: ErrorCode, message: string, more: { faults?: readonly Fault[]; details?: Json; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "SwitchyardError";
    this.code = code;
    this.faults = more.faults ?? [];
    this.details = more.details;
  }
}

/** The known name nearest to a wrong one, for "did you mean". */
export function nearest(wanted: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

export function didYouMean(wanted: string, known: Iterable<string>): string {
  const name = nearest(wanted, known);
  return name === undefined ? "" : ` Did you mean ${name}?`;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(previous[j]! + 1, row[j - 1]! + 1, replaced);
    }
    previous = row;
  }
  return previous[b.length]!;
}
