import { defineJob } from "switchyard";
import { z } from "zod";
import { behave, names } from "./_behaviour.ts";

export default defineJob({
  name: "act",
  params: z.object({ do: z.enum(names), text: z.string().default(""), count: z.number().default(0) }),
  run: ({ do: name, ...wish }, ctx) => behave(name, wish, ctx),
});
