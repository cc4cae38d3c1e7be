// Asks again when a network or a server falters, with growing pauses, so often and no oftener.
import { setTimeout as wait } from "node:timers/promises";

export interface Persistence {
  /** How long one try may take. */
  readonly timeoutMs: number;
  /** Whoever asked has no use for an answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** In [0, 1): for the jitter of pauses. */
  readonly random?: () => number;
}

const TRIES_MAX = 5;
const FIRST_PAUSE_MS = 200;
const PAUSE_MS_MAX = 5000;
/** Longer than that nobody waits because a server says so. */
const RETRY_AFTER_MS_MAX = 10_000;

/**
 * The answer, or the last of several that were no better. Network errors, time-outs, 408, 429 and 5xx are tried again.
 * @throws what the last try threw, or the signal's reason
 */
export async function persistentFetch(
  url: string,
  init: RequestInit,
  { timeoutMs, signal, random = Math.random }: Persistence,
): Promise<Response> {
  for (let tried = 1; ; tried++) {
    signal?.throwIfAborted();
    const limit = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, limit]) : limit }).catch((error: Error) => error);
    const isLast = tried === TRIES_MAX;
    if (answer instanceof Error) {
      signal?.throwIfAborted();
      if (isLast) throw answer;
    } else {
      if (isLast || !mayWorkLater(answer.status)) return answer;
      await answer.body?.cancel();
    }
    await wait(pauseMs(tried, answer instanceof Error ? null : answer.headers.get("retry-after"), random()), undefined, { signal });
  }
}

const mayWorkLater = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** Full jitter: those who failed together do not come back together. */
function pauseMs(tried: number, retryAfter: string | null, chance: number): number {
  const asked = Number(retryAfter ?? 0) * 1000;
  const own = chance * Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** tried);
  return asked > 0 ? Math.min(asked, RETRY_AFTER_MS_MAX) + own : own;
}
