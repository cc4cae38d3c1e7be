import { defineJob } from "switchyard";
import { z } from "zod";

/** Says itself how long and how often it may try. */
export default defineJob({
  name: "modest",
  description: "Never ends by itself",
  params: z.object({}),
  timeout: "1s",
  retry: { maxAttempts: 2, delay: 0 },
  run: () => new Promise<null>(() => undefined),
});
