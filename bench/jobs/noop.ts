import { defineJob } from "switchyard";
import { z } from "zod";

/** Does nothing: what is measured is everything around it. */
export default defineJob({
  name: "noop",
  params: z.object({
    n: z.number(),
    url: z.string(),
    opts: z.object({ a: z.number(), b: z.array(z.number()) }),
    note: z.string(),
    t: z.number(),
  }),
  run: () => ({ ok: true }),
});
