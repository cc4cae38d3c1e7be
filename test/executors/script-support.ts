// A script executor over a folder of its own, and attempts whose reports can be awaited.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { LocalLogs } from "../../shared/adapters/local/logs.ts";
import { ScriptExecutor, type ScriptOptions } from "../../shared/adapters/local/script/executor.ts";
import { attemptFolder } from "../../shared/attempt/folder.ts";
import type { Outcome } from "../../shared/domain/attempt.ts";
import type { Job } from "../../shared/domain/job.ts";
import { newId } from "../../shared/domain/ids.ts";
import type { LogLine } from "../../shared/domain/log.ts";
import type { Json } from "../../shared/domain/json.ts";
import type { ProgressNews } from "../../shared/domain/progress.ts";
import type { JobSpec } from "../../shared/domain/spec.ts";
import type { Report, Task } from "../../shared/ports/executor.ts";
import type { Clock } from "../../shared/ports/platform.ts";

const folders: string[] = [];
const executors: ScriptExecutor[] = [];
afterAll(async () => {
  for (const executor of executors) await executor.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-test-"));
  folders.push(folder);
  return folder;
}

export const wallClock: Clock = {
  now: Date.now,
  at(at, call) {
    const timer = setTimeout(call, Math.max(0, at - Date.now()));
    return () => clearTimeout(timer);
  },
};

export function newExecutor(options: Partial<ScriptOptions> = {}): ScriptExecutor {
  const executor = new ScriptExecutor({ dataDir: newFolder(), size: 4, inheritEnv: [], allowDirs: [], clock: wallClock, ...options });
  executors.push(executor);
  return executor;
}

interface Wanted {
  readonly script: string | NonNullable<JobSpec["script"]>;
  readonly spec?: Partial<JobSpec>;
  readonly params?: Json;
  readonly inputs?: Json;
  readonly env?: Record<string, string>;
  readonly secrets?: readonly string[];
  readonly jobId?: string;
  readonly attempt?: number;
}

export function newTask({
  script,
  spec,
  params = {},
  inputs = {},
  env = {},
  secrets = [],
  jobId = newId("job"),
  attempt = 1,
}: Wanted): Task {
  const block = typeof script === "string" ? { inline: script } : script;
  return {
    attemptId: newId("attempt"),
    // An executor looks at nothing else of the job.
    job: { id: jobId, attempt, type: "script" } as Job,
    spec: { type: "script", executor: "process", script: block, ...spec },
    params: JSON.stringify(params),
    inputs: JSON.stringify(inputs),
    env,
    secrets,
  };
}

/** Collects what is reported, and lets a test wait for it. */
export class Reports implements Report {
  readonly news: ProgressNews[] = [];
  readonly #started = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<Outcome>();
  readonly hasStarted = this.#started.promise;
  readonly outcome = this.#ended.promise;
  endings = 0;

  started(): void {
    this.#started.resolve();
  }

  progress(news: ProgressNews): void {
    this.news.push(news);
  }

  ended(outcome: Outcome): void {
    this.endings++;
    this.#ended.resolve(outcome);
  }
}

export async function run(executor: ScriptExecutor, task: Task): Promise<Outcome> {
  const reports = new Reports();
  executor.start(task, reports);
  return reports.outcome;
}

export const folderOf = (dataDir: string, { job, attemptId }: Task): string => attemptFolder(dataDir, job.id, job.attempt, attemptId);

export async function logOf(dataDir: string, { job, attemptId }: Task): Promise<LogLine[]> {
  const logs = new LocalLogs(dataDir);
  const ask = { job: job.id, attempts: [{ id: attemptId, number: job.attempt }], limit: 1000 };
  const lines: LogLine[] = [];
  for (let more = true; more;) {
    const page = await logs.read({ ...ask, afterSeq: lines.at(-1)?.seq ?? 0 });
    lines.push(...page.lines);
    more = page.more;
  }
  return lines;
}

/** Waits until a script has made the file, without looking again and again. */
export async function fileIn(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = watch(folder, () => existsSync(path) && resolve());
  if (existsSync(path)) resolve();
  await promise;
  watcher.close();
  return readFileSync(path, "utf8");
}

/** Processes whose environment says that they belong to the attempt. */
export function processesOf(attemptId: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(`SWITCHYARD_ATTEMPT_ID=${attemptId}`);
    } catch {
      return false;
    }
  });
}
