// `npm start`: the server, and the example workflow on real data with its figures on the screen.
import { relative } from "node:path";
import type { Command } from "commander";
import type { Report } from "../jobs/flights/_page.ts";
import type { Delays } from "../jobs/flights/_flight.ts";
import { SECOND } from "../shared/domain/duration.ts";
import { Client } from "../shared/sdk/client.ts";
import { serveOptions, type ServeFlags } from "./config.ts";
import { EndedBadly } from "./errors.ts";
import { watchRun } from "./live/watch-run.ts";
import { Screen } from "./output/screen.ts";
import { table, type Column } from "./output/table.ts";
import { greet, serverOptions, untilStopped } from "./serve.ts";
import { startServer, type RunningServer } from "./server.ts";

const DRAIN_MS = 10 * SECOND;

type Flags = ServeFlags & { readonly once?: boolean; readonly drain?: number };

export function addDemo(program: Command): void {
  serverOptions(program.command("demo").description("run the server and the example workflow on real data"))
    .option("--once", "end after the run")
    .action(demo);
}

async function demo({ once, drain, ...flags }: Flags): Promise<void> {
  const options = serveOptions(flags, process.env, process.cwd());
  const server = await startServer(options);
  const out = new Screen(process.stdout, process.env);
  try {
    greet(server, options.dir);
    out.line("\nThe example: real flights of 2001 (Bureau of Transportation Statistics), counted by airport and by hour.\n");
    const stopped = once ? Promise.resolve() : untilStopped(server, drain ?? DRAIN_MS);
    await runExample(server, options.dir, out);
    if (!once) out.line(`\nThe server goes on at ${server.url}; Ctrl-C stops it. In another terminal:\n${next}`);
    await stopped;
  } finally {
    if (once) await server.stop(0);
  }
}

const next = `  npx switchyard job submit --function hello --param name=Ada --wait
  npx switchyard job list
  npx switchyard run list`;

async function runExample(server: RunningServer, dir: string, out: Screen): Promise<void> {
  const { default: flights } = await import("../examples/flights/workflow.ts");
  const client = new Client({ url: server.url, token: server.token });
  const started = await flights.run({}, client);
  const call = { client, address: { url: server.url, token: server.token, dir }, isJson: false, out, err: out };
  const run = await watchRun(call, started.id, out);
  if (run.state !== "completed") throw new EndedBadly(`The example ended as ${run.state}: switchyard run status ${run.id} tells more.`);
  const report = run.result as unknown as Report;
  out.line(`\n${report.flights} flights, ${report.first} to ${report.last}:\n`);
  for (const line of table(columns, report.airports, out)) out.line(line);
  const [job = ""] = run.steps?.find(({ name }) => name === "report")?.jobs ?? [];
  const { items } = await server.local.engine.context.platform.artifacts.list(job, { limit: 10 });
  out.line("\nThe report, with charts, and its figures as JSON:");
  for (const { file = "" } of items) out.line(`  ${relative(process.cwd(), file)}`);
}

const columns: readonly Column<Delays>[] = [
  { title: "from", of: ({ origin }) => origin },
  { title: "flights", of: ({ flights }) => flights, align: "right" },
  { title: "mean delay", of: ({ meanDelay }) => `${meanDelay.toFixed(1)} min`, align: "right" },
  { title: "90 % within", of: ({ p90Delay }) => `${p90Delay} min`, align: "right" },
  { title: "late by > 15 min", of: ({ lateShare }) => `${(100 * lateShare).toFixed(1)} %`, align: "right" },
];
