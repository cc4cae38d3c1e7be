import { defineJob, NonRetryableError } from "switchyard";
import { z } from "zod";

/** Fails until the given attempt. */
export default defineJob({
  name: "flaky",
  params: z.object({ until: z.int(), isFinal: z.boolean().default(false) }),
  run: ({ until, isFinal }, { attempt }) => {
    if (attempt < until) throw isFinal ? new NonRetryableError("never", { code: "final" }) : new Error(`attempt ${attempt} fails`);
    return { attempt };
  },
});
