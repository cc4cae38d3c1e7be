import { setTimeout as pause } from "node:timers/promises";
import { defineJob } from "switchyard";
import { z } from "zod";

/** Says numbered lines on stdout, then one on stderr; and once more after a while. Fails until the given attempt. */
export default defineJob({
  name: "chatty",
  params: z.object({
    lines: z.int().default(0),
    text: z.string().optional(),
    error: z.string().optional(),
    later: z.object({ ms: z.number(), text: z.string() }).optional(),
    until: z.int().default(1),
  }),
  run: async ({ lines, text, error, later, until }, ctx) => {
    for (let line = 1; line <= lines; line++) ctx.log(`${line}`);
    if (text !== undefined) console.log(text);
    if (error !== undefined) console.error(error);
    if (later) {
      await pause(later.ms);
      ctx.log(later.text);
    }
    if (ctx.attempt < until) throw new Error(`attempt ${ctx.attempt} fails`);
  },
});
