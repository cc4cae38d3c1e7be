// Where turns go that are not begun in the process that granted them.
import type { Job } from "../domain/job.ts";

export interface Handover {
  /** Whoever is told starts the attempts. Telling twice is harmless; `isRepeated`: the first telling came to nothing. */
  turns(jobs: readonly Job[], isRepeated?: boolean): Promise<void>;
  /** Has a job looked at again at `at` (ms since 1970), if that is within `reachMs`; what comes later is the clock's. */
  wake(job: string, at: number): Promise<void>;
  readonly reachMs: number;
}
