// "Step Functions Execution Status Change" of the Standard machine, read as a hint.
import type { Outcome } from "../../../domain/attempt.ts";

export interface ExecutionStatusChange {
  readonly status: string;
  /** The execution's input as JSON; left out by AWS if it is large. */
  readonly input?: string | null;
  readonly error?: string | null;
  readonly cause?: string | null;
}

/** After these nothing of the attempt runs any more. An execution that was stopped by hand may have left its Lambda running: its lease tells. */
const over: ReadonlySet<string> = new Set(["FAILED", "TIMED_OUT"]);

export function executionOutcome({
  status,
  input,
  error,
  cause,
}: ExecutionStatusChange): { job: string; attemptId: string; outcome: Outcome } | null {
  if (!over.has(status) || !input) return null;
  const { job, attemptId } = JSON.parse(input) as { job?: unknown; attemptId?: unknown };
  if (typeof job !== "string" || typeof attemptId !== "string") return null;
  const why = [error, cause].filter(Boolean).join(": ").slice(0, 500);
  return {
    job,
    attemptId,
    outcome: { lost: `Its execution ${status === "FAILED" ? "failed" : "timed out"}${why === "" ? "" : `: ${why}`}` },
  };
}
