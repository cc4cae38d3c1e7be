// A function executor over the fixture jobs, and attempts whose reports can be awaited.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { FunctionExecutor, type FunctionOptions } from "../../shared/adapters/local/functions/executor.ts";
import { FunctionRegistry } from "../../shared/adapters/local/functions/registry.ts";
import type { Outcome } from "../../shared/domain/attempt.ts";
import { newId } from "../../shared/domain/ids.ts";
import type { Job } from "../../shared/domain/job.ts";
import type { Json } from "../../shared/domain/json.ts";
import type { ProgressNews } from "../../shared/domain/progress.ts";
import type { JobSpec } from "../../shared/domain/spec.ts";
import type { Executor, Task } from "../../shared/ports/executor.ts";
import { newFolder, Reports, wallClock } from "./script-support.ts";

const executors: Executor[] = [];
afterAll(async () => {
  for (const executor of executors) await executor.close();
});

/** One for all test files of a worker: what was bundled stays so. */
const cacheDir = newFolder();
export const fixtures = (): Promise<FunctionRegistry> => FunctionRegistry.open({ jobsDir: join(import.meta.dirname, "jobs"), cacheDir });

export async function newExecutor(options: Partial<FunctionOptions> = {}): Promise<FunctionExecutor> {
  const registry = options.registry ?? (await fixtures());
  const executor = new FunctionExecutor({ dataDir: newFolder(), size: 2, clock: wallClock, ...options, registry });
  executors.push(executor);
  return executor;
}

/** A jobs folder that lies outside of any package. */
export function jobsFolder(files: Record<string, string>): string {
  const folder = newFolder();
  writeFiles(folder, files);
  return folder;
}

export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

export const jobFile = (name: string, run: string, params = "z.object({})"): string =>
  `import { defineJob } from "switchyard";\nimport { z } from "zod";\nexport default defineJob({ name: ${JSON.stringify(name)}, params: ${params}, run: ${run} });\n`;

interface Wanted {
  readonly function?: string;
  readonly params?: Json;
  readonly inputs?: Json;
  readonly env?: Record<string, string>;
  readonly secrets?: readonly string[];
  readonly spec?: Partial<JobSpec>;
  readonly job?: Partial<Job>;
  readonly attempt?: number;
}

export function newTask({
  function: name = "act",
  params = {},
  inputs = {},
  env = {},
  secrets = [],
  spec,
  job,
  attempt = 1,
}: Wanted): Task {
  return {
    attemptId: newId("attempt"),
    // An executor looks at nothing else of the job.
    job: { id: newId("job"), name: null, batchId: null, runId: null, step: null, ...job, attempt } as Job,
    spec: { type: "function", executor: "node", function: name, ...spec },
    params: JSON.stringify(params),
    inputs: JSON.stringify(inputs),
    env,
    secrets,
  };
}

/** Reports that also let a test wait for the first progress: then the function runs, and is not only about to. */
export class FunctionReports extends Reports {
  readonly #told = Promise.withResolvers<void>();
  readonly hasTold = this.#told.promise;

  override progress(news: ProgressNews): void {
    super.progress(news);
    this.#told.resolve();
  }
}

export function begin(executor: Executor, task: Task): FunctionReports {
  const reports = new FunctionReports();
  executor.start(task, reports);
  return reports;
}

export const run = (executor: Executor, task: Task): Promise<Outcome> => begin(executor, task).outcome;

export const act = (
  executor: Executor,
  name: string,
  more: { text?: string; count?: number } & Omit<Wanted, "params"> = {},
): Promise<Outcome> => run(executor, acting(name, more));

export function acting(name: string, { text, count, ...wanted }: { text?: string; count?: number } & Omit<Wanted, "params"> = {}): Task {
  return newTask({ ...wanted, params: { do: name, ...(text !== undefined && { text }), ...(count !== undefined && { count }) } });
}

/** What it returned, read back. */
export const valueOf = (outcome: Outcome): unknown => ("result" in outcome ? JSON.parse(outcome.result) : outcome);
