// Internal ids: of jobs with an own id, of groups in their lists, of graphs. They sort by time.
import { encodeTime, monotonicFactory } from "ulid";

/** Time of an ULID's first ten letters. */
const TIME_LETTERS = 10;

export class Ulids {
  readonly #next = monotonicFactory();

  /** Follows the order of acceptance, also of jobs with one `createdAt`. */
  job(createdAt: number): string {
    return this.#next(createdAt);
  }
}

/** Everything that was made at `time` or later is not below. */
export const fromTime = (time: number): string => encodeTime(Math.max(0, time), TIME_LETTERS);
