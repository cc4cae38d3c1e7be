import { defineJob } from "switchyard";
import { z } from "zod";

export default defineJob({ name: "echo", params: z.strictObject({ value: z.json().optional(), say: z.string().optional() }), run: ({ value, say }, ctx) => {
  if (say !== undefined) ctx.log(say);
  return { value: value ?? null, env: process.env.SECRET ?? null };
} }); // prettier-ignore
