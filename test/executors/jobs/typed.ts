import { defineJob } from "switchyard";
import { z } from "zod";

export default defineJob({
  name: "typed",
  description: "Has a schema for all that goes in and out",
  params: z.object({ size: z.int().min(1), unit: z.string().trim().default("kg") }),
  result: z.object({ label: z.string().max(8) }),
  timeout: "5m",
  retry: { maxAttempts: 4, delay: "1s" },
  run: ({ size, unit }) => ({ label: `${size} ${unit}` }),
});
