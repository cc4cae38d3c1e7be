import { defineJob } from "switchyard";
import { z } from "zod";

/** Takes much, leaves much: a text of so many characters, and how long what it was given is. */
export default defineJob({
  name: "big",
  params: z.object({ leave: z.int().default(0), take: z.json().optional() }),
  run: ({ leave, take }, { inputs }) => ({
    text: "x".repeat(leave),
    taken: JSON.stringify(take ?? null).length,
    inputs: JSON.stringify(inputs).length,
  }),
});
