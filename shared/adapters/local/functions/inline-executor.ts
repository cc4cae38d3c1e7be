// Runs definitions that a program has in hand, on its own main thread: for programs that embed Switchyard, and their tests.
import { Mask } from "../../../attempt/mask.ts";
import { SwitchyardError } from "../../../domain/errors.ts";
import type { JobSpec } from "../../../domain/spec.ts";
import type { Executor, Refusal, Report, Task } from "../../../ports/executor.ts";
import type { JobDefinition } from "../../../sdk/define-job.ts";
import { AttemptFiles } from "./attempt-files.ts";
import { callOf } from "./call.ts";
import { descriptionOf } from "./description.ts";
import type { FunctionInfo, FunctionSource } from "./info.ts";
import { infoOf } from "./read-description.ts";
import { runFunction } from "./run-function.ts";
import { functionGone, unknownFunction } from "./unknown.ts";

export interface InlineOptions {
  readonly jobs: readonly JobDefinition[];
  readonly dataDir: string;
  /** How many run at a time; default 50. */
  readonly capacity?: number;
}

const noSecrets = new Mask([]);

/**
 * Nothing can be killed here: a stop aborts `ctx.signal`, and the end is reported when the function really returns, however long
 * that takes. Only `ctx.log` is logged, and a job's `env` is not set: both belong to the whole program.
 */
export class InlineExecutor implements Executor, FunctionSource {
  readonly name = "node";
  readonly types = ["function"] as const;
  readonly capacity: number;
  readonly #dataDir: string;
  readonly #jobs = new Map<string, { readonly job: JobDefinition; readonly info: FunctionInfo }>();
  readonly #running = new Map<string, AbortController>();
  #isClosed = false;

  /** Throws `request.invalid` if a definition is faulty or a name taken. */
  constructor({ jobs, dataDir, capacity = 50 }: InlineOptions) {
    this.capacity = capacity;
    this.#dataDir = dataDir;
    for (const job of jobs) {
      const read = infoOf(descriptionOf(job), { file: "", hash: "", bundle: "" });
      if ("problem" in read) throw new SwitchyardError("request.invalid", `The job ${JSON.stringify(job.name)}: ${read.problem}`);
      if (this.#jobs.has(job.name)) throw new SwitchyardError("request.invalid", `Two jobs are called ${job.name}.`);
      this.#jobs.set(job.name, { job, info: read.info });
    }
  }

  get(name: string): FunctionInfo | undefined {
    return this.#jobs.get(name)?.info;
  }

  functions(): readonly FunctionInfo[] {
    return [...this.#jobs.values()].map(({ info }) => info);
  }

  accepts(spec: JobSpec): Refusal | null {
    return unknownFunction(spec, this);
  }

  start(task: Task, report: Report): void {
    if (this.#running.has(task.attemptId)) return;
    if (this.#isClosed) return report.ended({ returned: true });
    const known = this.#jobs.get(task.spec.function ?? "");
    if (known === undefined) return report.ended(functionGone(task.spec));
    const stop = new AbortController();
    this.#running.set(task.attemptId, stop);
    // Not within the engine's own call: the function's first steps may take a while.
    queueMicrotask(() => void this.#run(known.job, task, report, stop.signal));
  }

  stop(attemptId: string): void {
    this.#running.get(attemptId)?.abort(new DOMException("The attempt is to end.", "AbortError"));
  }

  /** Functions end with the program. */
  adopt(): Promise<false> {
    return Promise.resolve(false);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const id of this.#running.keys()) this.stop(id);
  }

  async #run(job: JobDefinition, task: Task, report: Report, signal: AbortSignal): Promise<void> {
    if (this.#isClosed) return;
    if (signal.aborted) {
      this.#running.delete(task.attemptId);
      return report.ended({ stopped: true });
    }
    report.started();
    const call = callOf(task);
    const mask = task.secrets.length === 0 ? noSecrets : new Mask(task.secrets);
    const files = new AttemptFiles(this.#dataDir, call, mask);
    const progress = (news: Parameters<Report["progress"]>[0]): void => void (this.#isClosed || report.progress(news));
    const outcome = await runFunction(job, call, { files, mask, signal, progress });
    files.end();
    this.#running.delete(task.attemptId);
    if (!this.#isClosed) report.ended(signal.aborted ? { stopped: true } : outcome);
  }
}
