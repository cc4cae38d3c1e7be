import { once } from "node:events";
import { defineJob } from "switchyard";
import { z } from "zod";

/** Runs until it is stopped, or as long as it is told. */
export default defineJob({
  name: "patient",
  params: z.object({ ms: z.number().optional(), quiet: z.boolean().default(false) }),
  run: async ({ ms, quiet }, ctx) => {
    if (!quiet) ctx.progress(10, "waiting");
    const timer = setTimeout(() => {}, ms ?? 600_000);
    await Promise.race([once(ctx.signal, "abort"), ...(ms === undefined ? [] : [new Promise((resolve) => setTimeout(resolve, ms))])]);
    clearTimeout(timer);
    return { waited: true };
  },
});
