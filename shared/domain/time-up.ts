import type { AttemptFailure } from "./attempt.ts";

/** What ran out: the time-out of the attempt, or the time until the job's deadline. */
export type TimeUpCode = "attempt.timed_out" | "job.deadline_exceeded";

/** `ranMs`: null = it never began. */
export function timeUp(code: TimeUpCode, ranMs: number | null): AttemptFailure {
  if (code === "job.deadline_exceeded") return { code, message: "It did not end before its deadline.", retryable: false };
  const seconds = ranMs === null ? "" : ` It ran for ${(ranMs / 1000).toFixed(1)} s.`;
  return { code, message: `The attempt did not end within its time-out.${seconds}`, retryable: true };
}
