// Jobs a second: taken in, and from end to end.
import { submitBatch } from "../shared/engine/submit.ts";
import { noopJob } from "./noop-job.ts";
import { parallel } from "./parallel.ts";
import { record } from "./report.ts";
import { jobsPerRun, milliseconds, openBench, type Mode } from "./support.ts";

const perSecond = (count: number, ms: number): number => (count / ms) * 1000;
/** What runs is compiled by then. */
const WARM_UP_JOBS = 10_000;

const goals: Record<string, number> = { "inline 50": 14_000, "inline 10": 8000, "threads 50": 10_000, "threads 10": 6000 };

export async function endToEnd(mode: Mode, turns: number): Promise<void> {
  const bench = await openBench(mode, turns);
  const run = (count: number): Promise<number> => {
    const ended = bench.ended(count);
    return milliseconds(() => Promise.all([parallel(count, 50, bench.submit), ended]));
  };
  await run(WARM_UP_JOBS);
  const ms = await run(jobsPerRun);
  record(`end to end, ${mode}, ${turns} turns in hand`, perSecond(jobsPerRun, ms), "jobs/s", { atLeast: goals[`${mode} ${turns}`]! });
  await bench.close();
}

/** Nothing runs: what is measured is how fast jobs are on disk. */
export async function enqueueInProcess(): Promise<void> {
  const bench = await openBench("inline", 1);
  await bench.local.engine.drain(0);
  bench.local.engine.context.isDraining = false;
  await parallel(WARM_UP_JOBS, 50, bench.submit);
  const single = jobsPerRun / 5;
  record(
    "enqueue in process, one after the other",
    perSecond(single, await milliseconds(() => parallel(single, 1, bench.submit))),
    "jobs/s",
  );
  record(
    "enqueue in process, 50 at a time",
    perSecond(jobsPerRun, await milliseconds(() => parallel(jobsPerRun, 50, bench.submit))),
    "jobs/s",
  );
  const batch = (page: number) =>
    submitBatch(bench.local.engine.context, {
      jobs: Array.from({ length: 1000 }, (_, index) => noopJob(page * 1000 + index)),
      tolerate: 0,
    });
  record(
    "enqueue in process, batches of 1,000",
    perSecond(jobsPerRun, await milliseconds(() => parallel(jobsPerRun / 1000, 1, batch))),
    "jobs/s",
  );
  await bench.close();
}

/** 100 layers of 10, and 10 of 100: each job waits for one of the layer before. */
export async function graph(mode: Mode, layers: number, width: number): Promise<void> {
  const bench = await openBench(mode, 50);
  await Promise.all([bench.ended(WARM_UP_JOBS), parallel(WARM_UP_JOBS, 50, bench.submit)]);
  const jobs = Array.from({ length: layers * width }, (_, index) => ({
    ...noopJob(index),
    dependencies: index < width ? [] : [index - width],
  }));
  const ended = bench.ended(jobs.length);
  const ms = await milliseconds(() => Promise.all([submitBatch(bench.local.engine.context, { jobs, tolerate: 0 }), ended]));
  record(`graph of 1,000 jobs, ${layers} layers of ${width}, ${mode}`, ms, "ms");
  await bench.close();
}
