import { writeFile } from "node:fs/promises";
import { defineJob } from "switchyard";
import { z } from "zod";
import { Delays, Hour } from "./_flight.ts";
import { reportPage } from "./_page.ts";

export default defineJob({
  name: "flights-report",
  description: "Joins what the other steps found into a page with charts, and the same as JSON",
  params: z.object({
    first: z.string(),
    last: z.string(),
    airports: z.array(z.object({ matrix: z.object({ origin: z.string() }), result: Delays })),
    hours: z.array(Hour),
  }),
  async run({ first, last, airports, hours }, ctx) {
    const byLateness = airports.map(({ result }) => result).toSorted((a, b) => b.lateShare - a.lateShare);
    const flights = hours.reduce((sum, hour) => sum + hour.flights, 0);
    const worstHour = hours.filter((hour) => hour.flights >= flights / 100).toSorted((a, b) => b.meanDelay - a.meanDelay)[0];
    const report = { first, last, flights, airports: byLateness, hours, worstHour: worstHour?.hour ?? null };
    await writeFile(ctx.output("report.json"), `${JSON.stringify(report, null, 2)}\n`);
    await writeFile(ctx.output("report.html"), reportPage(report));
    ctx.log("wrote report.html and report.json");
    return report;
  },
});
