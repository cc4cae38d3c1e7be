import { defineJob } from "switchyard";
import { z } from "zod";

/** Saves where it is in its first attempt and fails; goes on from there in the next. Tells progress on the way. */
export default defineJob({
  name: "saver",
  params: z.object({}),
  run: async (_params, ctx) => {
    const { attempt, checkpoint } = ctx;
    const before = await checkpoint.read();
    ctx.progress(attempt * 30, `attempt ${attempt}`, { [`seen${attempt}`]: true });
    await checkpoint.write({ attempt });
    if (attempt === 1) throw new Error("interrupted");
    return { before: before ?? null };
  },
});
