// Ids that sort by time: of events, and the internal ones of jobs.
import { decodeTime, encodeTime, monotonicFactory } from "ulid";

/** Time of an ULID's first ten letters. */
const TIME_LETTERS = 10;

export class Ulids {
  readonly #next = monotonicFactory();
  readonly #nextJob = monotonicFactory();

  /** Follows the order of acceptance, also of jobs with one `createdAt`. */
  job(createdAt: number): string {
    return this.#nextJob(createdAt);
  }

  /** Later than the last event of the same subject, also where another machine's clock was ahead of ours. */
  event(last: string | null): string {
    const id = this.#next();
    return last === null || id > ulidOf(last)
      ? `evt_${id}`
      : `evt_${encodeTime(decodeTime(ulidOf(last)) + 1, TIME_LETTERS)}${id.slice(TIME_LETTERS)}`;
  }
}

const ulidOf = (eventId: string): string => eventId.slice("evt_".length);

/** Everything that was made at `time` or later is not below. */
export const fromTime = (time: number): string => encodeTime(Math.max(0, time), TIME_LETTERS);

export const DAY_LETTERS = 10;
/** The day on which an event was written, as `2026-01-31`. */
export const dayOf = (eventId: string): string => new Date(decodeTime(ulidOf(eventId))).toISOString().slice(0, DAY_LETTERS);
