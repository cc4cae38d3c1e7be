// Every event there is. What is not listed here cannot be written: the type of `Fact` is derived from this list.
import type { z } from "zod";
import { batchEvents, runEvents } from "./group.ts";
import { jobEvents } from "./job.ts";
import { workflowEvents } from "./workflow.ts";

export const catalogue = [...jobEvents, ...batchEvents, ...runEvents, ...workflowEvents] as const;

type Entry = (typeof catalogue)[number];
export type EventName = Entry["type"];

/** An event before it is stored: what happened, to be numbered and dated by the write that it belongs to. */
export type Fact = { [E in Entry as E["type"]]: { readonly type: E["type"]; readonly data: z.infer<E["data"]> } }[EventName];
