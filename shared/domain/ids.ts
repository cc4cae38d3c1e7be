// Ids that say what they are and sort by the time they were made, also within one millisecond.
import { monotonicFactory } from "ulid";

const prefixes = { job: "job", batch: "bat", run: "run", attempt: "att", event: "evt", request: "req" } as const;

/** Random numbers for ids by the thousand: one call of the generator fills many. */
const pool = new Uint32Array(1024);
let used = pool.length;

function chance(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  return pool[used++]! / 2 ** 32;
}

const nextUlid = monotonicFactory(chance);

export const newId = (kind: keyof typeof prefixes): string => `${prefixes[kind]}_${nextUlid()}`;

export const ulidOf = (id: string): string => id.slice(id.indexOf("_") + 1);

/** What users may choose as the id of a job. */
export const ownIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Names of functions and workflows. */
export const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;
