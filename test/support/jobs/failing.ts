import { defineJob, NonRetryableError, RetryAfterError } from "switchyard";
import { z } from "zod";

const ways = {
  throws: () => {
    throw new TypeError("no such table");
  },
  final: () => {
    throw new NonRetryableError("card declined", { code: "card_declined", details: { bank: "B" } });
  },
  later: () => {
    throw new RetryAfterError("rate limited", "30s");
  },
  exits: () => process.exit(3),
  brokenPromise: () => ({ count: "many" }),
  returns: () => ({ count: 1 }),
};

/** Fails in the way that it is told. */
export default defineJob({
  name: "failing",
  params: z.object({
    how: z.enum(Object.keys(ways) as [keyof typeof ways]),
    word: z
      .string()
      .refine((word) => word !== "taboo")
      .optional(),
  }),
  result: z.object({ count: z.number() }),
  run: ({ how }) => ways[how]() as { count: number },
});
