import { defineJob } from "switchyard";
import { z } from "zod";

/** What it was given beside its params. */
export default defineJob({
  name: "mirror",
  params: z.object({ size: z.int().default(7), word: z.string().optional() }),
  run: (params, { job, attempt, inputs }) => ({ params, job, attempt, inputs }),
});
