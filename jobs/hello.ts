import { defineJob } from "switchyard";
import { z } from "zod";

export default defineJob({
  name: "hello",
  description: "Greets somebody",
  params: z.object({ name: z.string().min(1).default("world") }),
  async run({ name }, ctx) {
    ctx.log(`attempt ${ctx.attempt} of ${ctx.job.id}`);
    return { greeting: `Hello, ${name}!` };
  },
});
