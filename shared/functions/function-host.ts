// Carries out the calls of one bundle, one after the other, in a thread or process that does nothing else. What a function writes,
// throws too late or ends is taken for its own attempt's, whoever runs there by then.
import { AsyncLocalStorage } from "node:async_hooks";
import { flushCompileCache } from "node:module";
import { inspect } from "node:util";
import { pathToFileURL } from "node:url";
import { Mask } from "../attempt/mask.ts";
import type { Outcome } from "../domain/attempt.ts";
import type { ProgressNews } from "../domain/progress.ts";
import type { JobDefinition } from "../sdk/define-job.ts";
import { AttemptFiles, type AttemptPlace } from "./attempt-files.ts";
import type { Call } from "./call.ts";
import { captureOutput } from "./capture.ts";
import { Environment } from "./environment.ts";
import { failureOf } from "./failure.ts";
import { runFunction } from "./run-function.ts";

export type HostNews =
  /** `isDying`: what is left of the attempt dies with its host only. */
  | { readonly attemptId: string; readonly outcome: Outcome; readonly tookMs: number; readonly isDying?: true }
  | { readonly attemptId: string; readonly progress: ProgressNews }
  /** An error that belongs to no attempt: whatever the host holds can no longer be trusted. */
  | { readonly stray: string };

export interface Hosting {
  /** The bundle's path. */
  readonly bundle: string;
  /** So many attempts that ended may still say something in their own log; what others say is dropped. */
  readonly remembered: number;
  placeOf(call: Call): AttemptPlace;
  tell(news: HostNews): void;
}

/** Whose code runs: by it words and late errors find the attempt that they belong to. */
interface Attempt {
  readonly id: string;
  readonly files: AttemptFiles;
  readonly mask: Mask;
  readonly stop: AbortController;
  readonly beganAt: number;
}

const noSecrets = new Mask([]);

/** Takes over output, errors and the environment of its whole thread or process. */
export class FunctionHost {
  readonly #hosting: Hosting;
  readonly #environment = new Environment(process.env);
  readonly #scope = new AsyncLocalStorage<Attempt>();
  readonly #ended: Attempt[] = [];
  #current: Attempt | null = null;
  #isLoading = false;
  #isDying = false;
  #definition: JobDefinition | null = null;

  constructor(hosting: Hosting) {
    this.#hosting = hosting;
    captureOutput(() => (this.#scope.getStore() ?? (this.#isLoading ? this.#current : null))?.files);
    process.on("uncaughtException", (error) => this.#strayed(error));
    process.on("unhandledRejection", (error) => this.#strayed(error));
    process.on("exit", (code) => this.#exited(code));
    // Node would write them past everything to the server's terminal.
    process.removeAllListeners("warning").on("warning", (warning) => process.stderr.write(`${warning.stack ?? warning.message}\n`));
  }

  /** Its end has been told, and no other call is to follow. */
  get isDying(): boolean {
    return this.#isDying;
  }

  /** One at a time. Resolves when its end has been told. */
  async attend(call: Call): Promise<void> {
    const mask = call.secrets.length === 0 ? noSecrets : new Mask(call.secrets);
    const files = new AttemptFiles(this.#hosting.placeOf(call), mask);
    const attempt = { id: call.attemptId, files, mask, stop: new AbortController(), beganAt: performance.now() };
    this.#current = attempt;
    this.#environment.set(call.env);
    const job = this.#definition ?? (await this.#load(attempt));
    if (job === null) return;
    const around = {
      files,
      mask,
      signal: attempt.stop.signal,
      progress: (progress: ProgressNews) => this.#hosting.tell({ attemptId: call.attemptId, progress }),
    };
    const outcome: Outcome = around.signal.aborted ? { stopped: true } : await this.#scope.run(attempt, runFunction, job, call, around);
    if (!this.#isDying) this.#end(attempt, outcome);
  }

  stop(attemptId: string): void {
    if (this.#current?.id === attemptId) this.#current.stop.abort(new DOMException("The attempt is to end.", "AbortError"));
  }

  /** The first call pays for it, and finds in its log what the file says while it is loaded. */
  async #load(attempt: Attempt): Promise<JobDefinition | null> {
    this.#isLoading = true;
    try {
      const { default: job } = (await import(pathToFileURL(this.#hosting.bundle).href)) as { default: JobDefinition };
      flushCompileCache();
      return (this.#definition = job);
    } catch (error) {
      this.#die(attempt, error);
      return null;
    } finally {
      this.#isLoading = false;
    }
  }

  #end(attempt: Attempt, outcome: Outcome, dying?: { readonly isDying: true }): void {
    this.#current = null;
    attempt.files.end();
    this.#environment.restore();
    this.#ended.push(attempt);
    if (this.#ended.length > this.#hosting.remembered) this.#ended.shift()?.files.forget();
    this.#hosting.tell({ attemptId: attempt.id, outcome, tookMs: performance.now() - attempt.beganAt, ...dying });
  }

  /** An error that nobody caught. The job that it belongs to has failed, if it still runs; another job is not to pay for it. */
  #strayed(error: unknown): void {
    if (this.#isDying) return;
    const attempt = this.#scope.getStore();
    const current = this.#current;
    if (attempt !== undefined && attempt !== current)
      return attempt.files.line("stderr", `Uncaught after the job's end: ${inspect(error)}`);
    if (current !== null && (attempt === current || this.#isLoading)) return this.#die(current, error);
    this.#isDying = true;
    this.#hosting.tell({ stray: inspect(error) });
  }

  /** A call of process.exit by what an earlier job left behind is not the fault of the one that runs. */
  #exited(code: number): void {
    if (this.#current === null) return;
    this.#current.files.end();
    if (this.#scope.getStore() !== this.#current && !this.#isLoading) this.#hosting.tell({ stray: `process.exit(${code})` });
  }

  /** What the job began may still go on: its end is told once the whole host is gone. */
  #die(attempt: Attempt, error: unknown): void {
    this.#isDying = true;
    this.#end(attempt, { failure: failureOf(error, attempt.mask) }, { isDying: true });
  }
}
