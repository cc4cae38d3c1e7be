// Facts about jobs that belong together: batches and runs tell the same story.
import * as z from "zod";
import { defineEvent, nothing } from "./common.ts";

const counts = z.object({ counts: z.record(z.string(), z.int()) });
const allDone = { counts: { completed: 3 } };
const someFailed = { counts: { completed: 2, failed: 1 } };

const groupEvents = <Kind extends "batch" | "run">(kind: Kind) =>
  [
    defineEvent(`${kind}.created`, "accepted with all its jobs", z.object({ jobs: z.int() }), { jobs: 3 }),
    defineEvent(`${kind}.started`, "its jobs may start", nothing, {}),
    defineEvent(`${kind}.paused`, "what waits in it waits until it is resumed", nothing, {}),
    defineEvent(`${kind}.resumed`, "goes on", nothing, {}),
    defineEvent(`${kind}.retried`, "its failed jobs begin another life", nothing, {}),
    defineEvent(`${kind}.completed`, "all of it ended well", counts, allDone),
    defineEvent(`${kind}.partial`, "ended with no more failures than it tolerates", counts, someFailed),
    defineEvent(`${kind}.failed`, "ended with failures", counts, someFailed),
    defineEvent(`${kind}.cancelled`, "ended by a wish", counts, { counts: { cancelled: 3 } }),
  ] as const;

export const batchEvents = groupEvents("batch");
export const runEvents = groupEvents("run");
