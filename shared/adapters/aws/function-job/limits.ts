// How long an attempt may run in a Lambda that itself has only so much time.
import type { FunctionCall } from "../../../attempt/function-call.ts";

/** For saying how the attempt ended, which a Lambda that runs out of time cannot do any more. */
const RESERVE_MS = 2000;

export interface Limits {
  /** Then `ctx.signal` is aborted. */
  readonly stopMs: number;
  /** Whatever runs then is killed. */
  readonly killMs: number;
}

/** Who is promised more time than the Lambda has gets his grace within it. */
export function limitsOf({ timeoutMs, killGraceMs }: Pick<FunctionCall, "timeoutMs" | "killGraceMs">, remainingMs: number): Limits {
  const killMs = Math.max(0, remainingMs - RESERVE_MS);
  return { killMs, stopMs: timeoutMs <= killMs ? timeoutMs : Math.max(0, killMs - killGraceMs) };
}
