// What the Invoke state leaves: the Lambda's answer, or the error that it ended with.
import * as z from "zod";
import type { FunctionAnswer } from "../../../attempt/function-call.ts";
import type { Outcome } from "../../../domain/attempt.ts";
import type { AttemptStorage } from "../../../ports/attempt-storage.ts";

export const SettleInput = z.object({
  job: z.string(),
  attemptId: z.string(),
  attempt: z.int(),
  ended: z.union([
    z.object({ answer: z.custom<FunctionAnswer>((value) => typeof value === "object" && value !== null && "outcome" in value) }),
    z.object({ Error: z.string(), Cause: z.string().optional() }),
  ]),
});
export type SettleInput = z.infer<typeof SettleInput>;

interface Told extends Pick<FunctionAnswer, "logs" | "progress"> {
  readonly outcome: Outcome;
}

export async function outcomeOf({ ended, ...ref }: SettleInput, storage: AttemptStorage): Promise<Told> {
  if ("Error" in ended) return { outcome: outcomeOfError(ended.Error, ended.Cause ?? "") };
  const { outcome, ...more } = ended.answer;
  if (!("storedResult" in outcome)) return { ...more, outcome };
  const result = await storage.uploadedResult({ ...ref, number: ref.attempt });
  return { ...more, outcome: result === null ? { lost: "Its result was not where it was to be put." } : { result } };
}

const CAUSE_CHARS_MAX = 500;

/** The wrapper answers whatever the function does: an error is Lambda's own, and mostly not the job's fault. */
function outcomeOfError(error: string, cause: string): Outcome {
  if (error === "Lambda.TooManyRequestsException") return { returned: true };
  const told = messageIn(cause).slice(0, CAUSE_CHARS_MAX);
  if (error === "Runtime.OutOfMemory" || /\bOutOfMemory\b|signal: killed/.test(told)) {
    return { failure: { code: "process.out_of_memory", message: "The function needed more memory than its Lambda has.", retryable: true } };
  }
  return { lost: `Its Lambda ended with ${error}${told === "" ? "" : `: ${told}`}` };
}

function messageIn(cause: string): string {
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof parsed.errorMessage === "string" ? parsed.errorMessage : cause;
  } catch {
    return cause;
  }
}
