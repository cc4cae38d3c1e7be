// Ids that say what they are and sort by the time they were made, also within one millisecond.
import { monotonicFactory } from "ulid";

const prefixes = { job: "job", batch: "bat", run: "run", attempt: "att", event: "evt", request: "req" } as const;

const nextUlid = monotonicFactory();

export const newId = (kind: keyof typeof prefixes): string => `${prefixes[kind]}_${nextUlid()}`;

/** What users may choose as the id of a job. */
export const ownIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Names of functions and workflows. */
export const namePattern = /^[A-Za-z][A-Za-z0-9._-]{0,63}$/;
