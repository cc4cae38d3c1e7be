// The example's figures against an independent computation: SQL over the same file, which shares no code with the jobs.
import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import flights, { airports, flightsFile } from "../../examples/flights/workflow.ts";
import { startServer, type ServerProcess } from "../support/server.ts";

type Results = Awaited<ReturnType<typeof flights.execute>>;

let server: ServerProcess;
let dir: string;
let results: Results;
const database = new DatabaseSync(":memory:");

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "switchyard-flights-"));
  server = await startServer(dir, [], join(import.meta.dirname, "../../jobs"));
  database.exec(
    "CREATE TABLE flights AS SELECT value ->> 'origin' AS origin, value ->> 'delay' AS delay, CAST(substr(value ->> 'date', 12, 2) AS INTEGER) AS hour FROM json_each('[]')",
  );
  database
    .prepare(
      "INSERT INTO flights SELECT value ->> 'origin', value ->> 'delay', CAST(substr(value ->> 'date', 12, 2) AS INTEGER) FROM json_each(?)",
    )
    .run(readFileSync(flightsFile, "utf8"));
  results = await flights.execute({}, server.client);
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const sql = (text: string, ...values: (string | number)[]) => database.prepare(text).all(...values) as Record<string, number>[];

describe("the flights example", () => {
  test("says of each airport what SQL says of it", () => {
    expect(results.airports.map(({ matrix }) => matrix.origin)).toEqual([...airports]);
    for (const { result } of results.airports) {
      const [found] = sql(
        "SELECT count(*) AS flights, avg(delay) AS mean, avg(delay > 15) AS late FROM flights WHERE origin = ?",
        result.origin,
      );
      expect(result.flights).toBe(found!.flights);
      expect(result.meanDelay).toBeCloseTo(found!.mean!, 9);
      expect(result.lateShare).toBeCloseTo(found!.late!, 9);
      for (const [share, value] of [
        [0.5, result.medianDelay],
        [0.9, result.p90Delay],
      ] as const) {
        const [nth] = sql(
          "SELECT delay FROM flights WHERE origin = ? ORDER BY delay LIMIT 1 OFFSET ?",
          result.origin,
          Math.floor(result.flights * share),
        );
        expect(value).toBe(nth!.delay);
      }
    }
  });

  test("says of each hour, in Python, what SQL says of it", () => {
    const found = sql("SELECT hour, count(*) AS flights, avg(delay) AS mean FROM flights GROUP BY hour ORDER BY hour");
    expect(results.hours.hours.map(({ hour, flights: count }) => [hour, count])).toEqual(
      found.map(({ hour, flights: count }) => [hour, count]),
    );
    for (const [index, { meanDelay }] of results.hours.hours.entries()) expect(meanDelay).toBeCloseTo(found[index]!.mean!, 9);
  });

  test("counts every flight, and leaves a page and JSON that say the same", async () => {
    expect(results.report.flights).toBe(sql("SELECT count(*) AS n FROM flights")[0]!.n);
    const { items } = await server.client.call<{ items: { id: string }[] }>("GET", "/v1/jobs?function=flights-report");
    const artifacts = await server.client.call<{ items: { path: string; url: string; contentType: string }[] }>(
      "GET",
      `/v1/jobs/${items[0]!.id}/artifacts`,
    );
    expect(artifacts.items.map(({ path }) => path)).toEqual(["report.html", "report.json"]);
    expect(await (await server.client.request("GET", artifacts.items[1]!.url)).json()).toEqual(results.report);
    const page = await (await server.client.request("GET", artifacts.items[0]!.url)).text();
    for (const { origin, lateShare } of results.report.airports) {
      expect(page).toContain(origin);
      expect(page).toContain(`${(100 * lateShare).toFixed(1)} %`);
    }
  });
});
