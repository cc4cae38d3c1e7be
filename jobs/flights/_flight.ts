import { z } from "zod";

/** What the steps pass on of a flight. Delay in minutes, negative = early; hour of departure by local time. */
export const Flight = z.object({ origin: z.string(), delay: z.number(), hour: z.int() });
export type Flight = z.infer<typeof Flight>;

/** What is said of an airport's flights. */
export const Delays = z.object({
  origin: z.string(),
  flights: z.int(),
  meanDelay: z.number().describe("minutes"),
  medianDelay: z.number(),
  p90Delay: z.number(),
  lateShare: z.number().describe("share of flights more than 15 minutes late, 0 to 1"),
});
export type Delays = z.infer<typeof Delays>;

export const Hour = z.object({ hour: z.int(), flights: z.int(), meanDelay: z.number() });
export type Hour = z.infer<typeof Hour>;
