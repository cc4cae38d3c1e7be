// What a job throws to say what should follow. Recognised by a brand, not by class: each bundle has its own copy of them.
import { parseDuration } from "../domain/duration.ts";
import type { Json } from "../domain/json.ts";

const brand = Symbol.for("switchyard.error");

/** What the error tells whoever settles the attempt. */
export interface Verdict {
  readonly retryable: boolean;
  readonly code?: string;
  readonly details?: Json;
  readonly retryAfterMs?: number;
}

abstract class JobError extends Error {
  readonly [brand]: Verdict;

  constructor(message: string, verdict: Verdict, cause: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this[brand] = verdict;
  }
}

export interface ErrorMore {
  /** Becomes `user.<code>`, what `retryOn` and users see; else it is `function.threw`. */
  readonly code?: string;
  readonly details?: Json;
  readonly cause?: unknown;
}

/** Another attempt would fail just the same: the job fails now. */
export class NonRetryableError extends JobError {
  override readonly name = "NonRetryableError";

  constructor(message: string, { code, details, cause }: ErrorMore = {}) {
    super(message, { retryable: false, ...(code !== undefined && { code }), ...(details !== undefined && { details }) }, cause);
  }
}

/** Try again after this wait instead of the policy's, if attempts are left. Throws RangeError if `delay` is no duration. */
export class RetryAfterError extends JobError {
  override readonly name = "RetryAfterError";

  constructor(message: string, delay: string | number, { code, details, cause }: ErrorMore = {}) {
    const retryAfterMs = parseDuration(delay);
    if (retryAfterMs === null) throw new RangeError(`RetryAfterError("${message}"): ${JSON.stringify(delay)} is no duration`);
    const more = { ...(code !== undefined && { code }), ...(details !== undefined && { details }) };
    super(message, { retryable: true, retryAfterMs, ...more }, cause);
  }
}

/** Undefined = an ordinary error. */
export const verdictOf = (error: unknown): Verdict | undefined =>
  typeof error === "object" && error !== null ? (error as { [brand]?: Verdict })[brand] : undefined;
