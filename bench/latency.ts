// How long until a job starts, one at a time.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { setTimeout as wait } from "node:timers/promises";
import { startServer } from "../cli/server.ts";
import type { Executor } from "../shared/ports/executor.ts";
import { noopJob } from "./noop-job.ts";
import { parallel } from "./parallel.ts";
import { record } from "./report.ts";
import { openBench, percentile, type Bench, type Mode } from "./support.ts";

const JOBS = 200;
const PAUSE_MS = 10;

/** The start is when the executor gets the turn; the time is in the job's params. */
function timeStarts(bench: Bench): number[] {
  const times: number[] = [];
  const executor = bench.local.engine.context.platform.executors[0] as Executor;
  const start = executor.start.bind(executor);
  executor.start = (task, report) => {
    times.push(performance.now() - (JSON.parse(task.params) as { t: number }).t);
    start(task, report);
  };
  return times;
}

async function measured(name: string, bench: Bench, submit: (n: number) => Promise<unknown>, goalMs: number): Promise<void> {
  await Promise.all([bench.ended(2000), parallel(2000, 10, submit)]);
  const times = timeStarts(bench);
  for (let n = 0; n < JOBS; n++) {
    const ended = bench.ended(1);
    await submit(n);
    await ended;
    await wait(PAUSE_MS);
  }
  record(`submit to start, ${name}, p50`, percentile(times, 0.5), "ms", { atMost: goalMs });
  record(`submit to start, ${name}, p99`, percentile(times, 0.99), "ms");
}

export async function latency(mode: Mode): Promise<void> {
  const bench = await openBench(mode, 10);
  await measured(`in process, ${mode}`, bench, bench.submit, 1.5);
  await bench.close();
}

export async function latencyOverHttp(): Promise<void> {
  const dir = mkdtempSync(join(process.env.FOLDER ?? tmpdir(), "switchyard-bench-"));
  const options = {
    port: 0,
    host: "127.0.0.1",
    dir,
    jobs: join(import.meta.dirname, "jobs"),
    secretEnv: [],
    allowDirs: [],
    inheritEnv: [],
    sizes: {},
  };
  const server = await startServer(options);
  const headers = { authorization: `Bearer ${server.token}`, "content-type": "application/json" };
  const post = async (n: number): Promise<string> =>
    (await fetch(`${server.url}/v1/jobs`, { method: "POST", headers, body: JSON.stringify(noopJob(n)) })).text();
  const { context } = server.local.engine;
  let [count, goal, reached] = [0, Infinity, (): void => {}];
  context.signals.listenToEnds(() => ++count === goal && reached());
  const ended = (more: number) => new Promise<void>((resolve) => ([count, goal, reached] = [0, more, resolve]));
  const bench = { local: server.local, dir, ended, submit: post, close: async () => {} };
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, "http-client.ts"),
    server.url,
    server.token,
    "8000",
  ]);
  record("enqueue over HTTP while they run, 50 at a time", Number(stdout), "jobs/s");
  await measured("over HTTP, threads", bench, bench.submit, 3);
  await server.stop(1000);
  rmSync(dir, { recursive: true, force: true });
}
