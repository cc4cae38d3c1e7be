// How everything here is measured: a fresh data folder on disk, medians of repetitions.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { submitJob } from "../shared/engine/submit.ts";
import { openLocal, type Local, type LocalOptions } from "../shared/sdk/local.ts";
import noop from "./jobs/noop.ts";
import { noopJob } from "./noop-job.ts";

export const repetitions = Number(process.env.REPETITIONS ?? 3);
export const jobsPerRun = Number(process.env.JOBS ?? 20_000);

export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
export const median = (values: readonly number[]): number => percentile(values, 0.5);

export type Mode = "threads" | "inline";

export interface Bench {
  readonly local: Local;
  readonly dir: string;
  readonly submit: (n: number) => Promise<string>;
  /** Resolves when so many more jobs have ended. */
  readonly ended: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** `turns` in hand: two threads and what is kept ready for them, or so many at once inline. */
export async function openBench(mode: Mode, turns: number, more: Partial<LocalOptions> = {}): Promise<Bench> {
  const dir = mkdtempSync(join(process.env.FOLDER ?? tmpdir(), "switchyard-bench-"));
  const options =
    mode === "inline"
      ? { jobs: [noop], sizes: { node: turns } }
      : { jobs: join(import.meta.dirname, "jobs"), prefetch: turns - 2, sizes: { node: 2 } };
  const local = await openLocal({ dir, ...options, ...more });
  const { context } = local.engine;
  let [count, goal] = [0, Infinity];
  let reached = (): void => {};
  context.signals.listenToEnds(() => {
    if (++count === goal) reached();
  });
  return {
    local,
    dir,
    submit: async (n) => {
      const accepted = await submitJob(context, noopJob(n));
      return "made" in accepted ? accepted.made.job.id : "";
    },
    ended: (more_) =>
      new Promise((resolve) => {
        [count, goal, reached] = [0, more_, resolve];
      }),
    close: async () => {
      await local.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
