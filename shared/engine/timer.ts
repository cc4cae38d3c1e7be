// One timer for everything that falls due: delays, back-offs, patience, deadlines. Set to the next of them, never polling.
import { due } from "../domain/begin.ts";
import { changeJob } from "./change.ts";
import type { Context } from "./context.ts";
import { persist } from "./persist.ts";
import { leaveRefused } from "./steer.ts";

const PAGE = 100;
/** Looks at least this often, should a clock have been set back. */
const LONGEST_MS = 30_000;

export class DueTimer {
  readonly #context: Context;
  #at = Infinity;
  #cancel = (): void => {};
  #isClosed = false;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Somebody has to be looked at then. */
  wakeAt(at: number): void {
    if (this.#isClosed || at >= this.#at) return;
    this.#cancel();
    this.#at = at;
    this.#cancel = this.#context.platform.clock.at(at, () => {
      this.#at = Infinity;
      this.#context.attempts.background(this.tick());
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  /** Everything that is due now; then the timer is set anew. */
  async tick(): Promise<void> {
    const { store, now } = this.#context;
    for (let page = PAGE; page === PAGE && !this.#isClosed;) {
      const jobs = await persist(() => store.due(now(), PAGE));
      page = jobs.length;
      await Promise.all(jobs.map((job) => persist(() => leaveRefused(changeJob(this.#context, job.id, (stored) => due(stored, now()))))));
    }
    if (this.#isClosed) return;
    this.wakeAt(Math.min((await store.nextDueAt()) ?? Infinity, now() + LONGEST_MS));
  }
}
