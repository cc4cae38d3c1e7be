import { defineJob } from "switchyard";
import { z } from "zod";

/** Takes its whole process down until the given attempt, as a crash in native code does. */
export default defineJob({
  name: "killer",
  params: z.object({ until: z.int() }),
  run: ({ until }, { attempt }) => {
    if (attempt < until) process.kill(process.pid, "SIGKILL");
    return { attempt };
  },
});
