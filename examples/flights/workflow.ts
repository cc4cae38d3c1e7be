// Real flights of 2001, read, counted by airport and by hour, and joined into a report. What `npm start` runs.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defineWorkflow } from "switchyard";
import { z } from "zod";
import delays from "../../jobs/flights/delays.ts";
import read from "../../jobs/flights/read.ts";
import report from "../../jobs/flights/report.ts";
import type { Hour } from "../../jobs/flights/_flight.ts";

/** The busiest airports of the data. */
export const airports = ["DFW", "ORD", "ATL", "LAX", "PHX", "STL", "LAS", "DTW", "MSP", "DEN", "CLT", "EWR"] as const;

/** The data comes with the vega-datasets package; its terms do not allow a copy here. */
export const flightsFile = join(dirname(createRequire(import.meta.url).resolve("vega-datasets")), "../data/flights-20k.json");

export default defineWorkflow({
  name: "flight-delays",
  description: "Which airports were late, and at which hour",
  params: z.object({ file: z.string().default(flightsFile) }),
  steps: ({ params, step, matrix, script }) => {
    const all = step(read, { params: { file: params.file } });
    const airport = matrix(delays, { origin: airports }, { params: ({ origin }) => ({ origin, flights: all.result.flights }) });
    const hours = script<{ hours: Hour[] }>(
      { path: join(import.meta.dirname, "by-hour.py") },
      { params: { flights: all.result.flights }, timeout: "1m" },
    );
    const joined = step(report, {
      params: { first: all.result.first, last: all.result.last, airports: airport.result, hours: hours.result.hours },
    });
    return { read: all, airports: airport, hours, report: joined };
  },
  final: "report",
});
