// Work that must be done although the store refuses it now: a full disk, say. Nothing is lost while somebody keeps trying.
import { setTimeout as wait } from "node:timers/promises";
import { SwitchyardError } from "../domain/errors.ts";

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5000;

/** Tries until the store is there again. Other errors are the caller's; a closed engine gives up by `signal`. */
export async function persist<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SwitchyardError) || error.code !== "store.unavailable" || signal?.aborted) throw error;
      await wait(waitMs, undefined, { ref: false });
    }
  }
}
