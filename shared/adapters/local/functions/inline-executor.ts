// Runs definitions that a program has in hand, on its own main thread: for programs that embed Switchyard, and their tests.
import { Mask } from "../../../attempt/mask.ts";
import type { JobSpec } from "../../../domain/spec.ts";
import { AttemptFiles } from "../../../functions/attempt-files.ts";
import { callOf } from "../../../functions/call.ts";
import { runFunction } from "../../../functions/run-function.ts";
import type { Executor, Refusal, Report, Task } from "../../../ports/executor.ts";
import type { JobDefinition } from "../../../sdk/define-job.ts";
import type { InlineFunctions } from "./inline-functions.ts";
import { LocalPlace } from "./local-place.ts";
import { functionGone, unknownFunction } from "./unknown.ts";

export { inlineFunctions } from "./inline-functions.ts";

export interface InlineOptions {
  readonly functions: InlineFunctions;
  readonly dataDir: string;
  /** How many run at a time; default 50. */
  readonly capacity?: number;
}

const noSecrets = new Mask([]);

/**
 * Nothing can be killed here: a stop aborts `ctx.signal`, and the end is reported when the function really returns, however long
 * that takes. Only `ctx.log` is logged, and a job's `env` is not set: both belong to the whole program.
 */
export class InlineExecutor implements Executor {
  readonly name = "node";
  readonly types = ["function"] as const;
  readonly capacity: number;
  readonly #functions: InlineFunctions;
  readonly #dataDir: string;
  readonly #running = new Map<string, AbortController>();
  #isClosed = false;

  constructor({ functions, dataDir, capacity = 50 }: InlineOptions) {
    this.capacity = capacity;
    this.#functions = functions;
    this.#dataDir = dataDir;
  }

  accepts(spec: JobSpec): Refusal | null {
    return unknownFunction(spec, this.#functions);
  }

  start(task: Task, report: Report): void {
    if (this.#running.has(task.attemptId)) return;
    if (this.#isClosed) return report.ended({ returned: true });
    const job = this.#functions.definition(task.spec.function ?? "");
    if (job === undefined) return report.ended(functionGone(task.spec));
    const stop = new AbortController();
    this.#running.set(task.attemptId, stop);
    // Not within the engine's own call: the function's first steps may take a while.
    queueMicrotask(() => void this.#run(job, task, report, stop.signal));
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
    const files = new AttemptFiles(new LocalPlace(this.#dataDir, call), mask);
    const progress = (news: Parameters<Report["progress"]>[0]): void => void (this.#isClosed || report.progress(news));
    const outcome = await runFunction(job, call, { files, mask, signal, progress });
    files.end();
    this.#running.delete(task.attemptId);
    if (!this.#isClosed) report.ended(signal.aborted ? { stopped: true } : outcome);
  }
}
