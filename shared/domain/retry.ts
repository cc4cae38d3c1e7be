// When a failed attempt is followed by another.
import { MINUTE, SECOND } from "./duration.ts";

export interface RetryPolicy {
  /** Counts the job's own failures; 1 = no retry. */
  readonly maxAttempts: number;
  readonly policy: "fixed" | "linear" | "exponential";
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  readonly jitter: "none" | "full";
  /** Failure codes worth another attempt; null = all that are retryable. */
  readonly retryOn: readonly string[] | null;
  /** Attempts lost to the infrastructure before the job is given up. */
  readonly maxLosses: number;
}

export const noRetry: RetryPolicy = {
  maxAttempts: 1,
  policy: "exponential",
  delayMs: SECOND,
  factor: 2,
  maxDelayMs: 5 * MINUTE,
  jitter: "full",
  retryOn: null,
  maxLosses: 3,
};

/** What a retry block without `maxAttempts` means. */
export const ATTEMPTS_OF_A_RETRY_BLOCK = 3;

/** The longest wait after this many failures: never falls as failures grow, never exceeds `maxDelayMs`. */
export function backoffMs(policy: RetryPolicy, failures: number): number {
  // Growth may be infinite by then, and nothing times infinity is no number.
  return policy.delayMs === 0 ? 0 : Math.min(policy.maxDelayMs, policy.delayMs * growth(policy, failures));
}

function growth({ policy, factor }: RetryPolicy, failures: number): number {
  if (policy === "fixed") return 1;
  return policy === "linear" ? failures : factor ** (failures - 1);
}

/** The wait itself; `chance` is in [0, 1). Full jitter keeps a crowd that failed together from returning together. */
export function retryDelayMs(policy: RetryPolicy, failures: number, chance: number): number {
  const longest = backoffMs(policy, failures);
  return Math.round(policy.jitter === "full" ? longest * chance : longest);
}

export const isWorthRetrying = ({ retryOn }: RetryPolicy, code: string): boolean =>
  retryOn === null || retryOn.some((wanted) => wanted === code || (wanted.endsWith("*") && code.startsWith(wanted.slice(0, -1))));
