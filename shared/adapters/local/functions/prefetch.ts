// How many turns a pool holds beyond those that it runs. Enough to cover the time of a commit while jobs are short;
// none while they are long, because a turn that waits here keeps its slots and lets no more urgent job pass.

/** About two commits on a fast disk. */
const COVER_MS = 4;
/** A new duration counts for a tenth: one odd job does not turn the pool over. */
const WEIGHT = 0.1;

export class Prefetch {
  readonly #size: number;
  readonly #most: number;
  #meanMs = Infinity;

  constructor(size: number, most: number) {
    this.#size = size;
    this.#most = most;
  }

  get turns(): number {
    return Math.min(this.#most, Math.floor((this.#size * COVER_MS) / this.#meanMs));
  }

  jobTook(ms: number): void {
    this.#meanMs = this.#meanMs === Infinity ? ms : this.#meanMs + WEIGHT * (ms - this.#meanMs);
  }

  /** A job that still runs has shown already that it is not short. */
  jobsTakeAtLeast(ms: number): void {
    this.#meanMs = Math.max(ms, this.#meanMs === Infinity ? 0 : this.#meanMs);
  }
}
