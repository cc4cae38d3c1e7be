import { defineJob, NonRetryableError } from "switchyard";
import { z } from "zod";
import { Delays, Flight } from "./_flight.ts";

/** Later than this counts as late, as in the Bureau's own reports. */
const LATE_MINUTES = 15;

/** The value below which a share of the sorted values lies: the nearest one, not a mean of two. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export default defineJob({
  name: "flights-delays",
  description: "How late the flights from one airport were",
  params: z.object({ origin: z.string().length(3), flights: z.array(Flight) }),
  result: Delays,
  run({ origin, flights }, ctx) {
    const delays = flights.filter((flight) => flight.origin === origin).map(({ delay }) => delay);
    if (delays.length === 0) throw new NonRetryableError(`no flight from ${origin} in the data`, { code: "no_flights" });
    const sorted = delays.toSorted((a, b) => a - b);
    ctx.log(`${origin}: ${delays.length} flights`);
    return {
      origin,
      flights: delays.length,
      meanDelay: delays.reduce((sum, delay) => sum + delay, 0) / delays.length,
      medianDelay: quantile(sorted, 0.5),
      p90Delay: quantile(sorted, 0.9),
      lateShare: delays.filter((delay) => delay > LATE_MINUTES).length / delays.length,
    };
  },
});
