// What a function job's Lambda is invoked with and what it answers. Both travel through the state machine, whose state holds
// 256 KB: whatever may be larger goes past it, by the attempt protocol.
import type { AttemptFailure, Outcome } from "../domain/attempt.ts";
import type { JsonText } from "../domain/json.ts";
import type { ProgressNews } from "../domain/progress.ts";
import type { TimeUpCode } from "../domain/time-up.ts";

export const CALL_PARAMS_BYTES_MAX = 64 * 1024;
export const ANSWER_RESULT_BYTES_MAX = 48 * 1024;
export const ANSWER_LOG_BYTES_MAX = 48 * 1024;

export interface FunctionCall {
  readonly attemptId: string;
  /** The attempt's number, from 1. */
  readonly attempt: number;
  readonly job: { readonly id: string; readonly name?: string; readonly batchId?: string; readonly runId?: string; readonly step?: string };
  /** Null = fetched before the function runs: they are large, or there are secrets among its env, which no state machine may see. */
  readonly given: GivenToFunction | null;
  /** Names of artifacts that must be there in the end. */
  readonly outputFiles: readonly string[];
  /** The nearer of the attempt's time-out and the job's deadline, and what passing it is called. */
  readonly timeoutMs: number;
  readonly timeoutCode: TimeUpCode;
  readonly killGraceMs: number;
  /** Where the attempt protocol is spoken, and the token that opens this attempt's routes only. */
  readonly api: { readonly url: string; readonly token: string };
}

/** The answer of `GET /v1/attempts/{id}`. A failure: something that the attempt needs is not there, so it has failed. */
export type AttemptGiven = GivenToFunction | { readonly failure: AttemptFailure };

export interface GivenToFunction {
  readonly params: JsonText;
  /** Results of its dependencies by step or job id, as a JSON object. */
  readonly inputs: JsonText;
  readonly env: Readonly<Record<string, string>>;
  /** Values to be masked in whatever the attempt says. */
  readonly secrets: readonly string[];
}

export interface FunctionAnswer {
  /** `storedResult`: it was too large for the state machine and was put where `POST …/result` said. */
  readonly outcome: Outcome | { readonly storedResult: true };
  /** Records of the attempt's log (log-format.ts) that were not shipped yet, beginning with line `from` (0 = the first). */
  readonly logs?: { readonly from: number; readonly records: string };
  readonly progress?: ProgressNews;
}
