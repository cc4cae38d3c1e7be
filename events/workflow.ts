// Facts about workflow definitions.
import * as z from "zod";
import { defineEvent } from "./common.ts";

export const workflowEvents = [
  defineEvent("workflow.updated", "a new version was stored", z.object({ name: z.string(), version: z.int() }), {
    name: "flights",
    version: 2,
  }),
  defineEvent("workflow.deleted", "no new run can be started", z.object({ name: z.string() }), { name: "flights" }),
] as const;
