import { readFile } from "node:fs/promises";
import { defineJob } from "switchyard";
import { z } from "zod";
import { Flight } from "./_flight.ts";

/** One flight as the Bureau of Transportation Statistics records it. */
const Recorded = z.object({ date: z.string(), delay: z.number(), distance: z.number(), origin: z.string(), destination: z.string() });

export default defineJob({
  name: "flights-read",
  description: "Reads a file of flights, checks every row and keeps what the other steps need",
  params: z.object({ file: z.string().describe("A JSON file, as flights-20k.json of vega-datasets") }),
  result: z.object({ flights: z.array(Flight), first: z.string(), last: z.string() }),
  async run({ file }, ctx) {
    ctx.progress(10, "reading");
    const rows = z.array(Recorded).parse(JSON.parse(await readFile(file, "utf8")));
    ctx.log(`${rows.length} flights in ${file}`);
    ctx.progress(60, "checking");
    // "2001/01/01 00:47": the hour is what the script step asks for.
    const flights = rows.map(({ date, delay, origin }): Flight => ({ origin, delay, hour: Number(date.slice(11, 13)) }));
    const dates = rows.map(({ date }) => date.slice(0, 10).replaceAll("/", "-")).toSorted();
    ctx.progress(100, "done");
    return { flights, first: dates[0] ?? "", last: dates.at(-1) ?? "" };
  },
});
