// Runs inside a thread or a child process: carries out the calls of one bundle, one after the other.
import { AsyncLocalStorage } from "node:async_hooks";
import { flushCompileCache } from "node:module";
import { inspect } from "node:util";
import { pathToFileURL } from "node:url";
import { Mask } from "../../../attempt/mask.ts";
import type { Outcome } from "../../../domain/attempt.ts";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { JobDefinition } from "../../../sdk/define-job.ts";
import { AttemptFiles } from "./attempt-files.ts";
import { captureOutput } from "./capture.ts";
import { openChannel } from "./channel.ts";
import { Environment } from "./environment.ts";
import { failureOf } from "./failure.ts";
import type { Call, TicketedCall } from "./messages.ts";
import { runFunction } from "./run-function.ts";

/** Whose code runs: by it words and late errors find the attempt that they belong to. */
interface Attempt {
  readonly id: string;
  readonly files: AttemptFiles;
  readonly mask: Mask;
  readonly stop: AbortController;
  readonly beganAt: number;
}

/** So many attempts that ended may still say something. */
const REMEMBERED = 100;
const noSecrets = new Mask([]);

delete process.env.NODE_COMPILE_CACHE;
const channel = openChannel();
const environment = new Environment(process.env);
const scope = new AsyncLocalStorage<Attempt>();
const mailbox: TicketedCall[] = [];
const ended: Attempt[] = [];
let place = 0;
let current: Attempt | null = null;
let isLoading = false;
let isBusy = false;
let isDying = false;
let definition: JobDefinition | null = null;

captureOutput(() => (scope.getStore() ?? (isLoading ? current : null))?.files);
process.on("uncaughtException", strayed);
process.on("unhandledRejection", strayed);
process.on("exit", exited);
// Node would write them past everything to the server's terminal.
process.removeAllListeners("warning").on("warning", (warning) => process.stderr.write(`${warning.stack ?? warning.message}\n`));

channel.listen((message) => {
  if ("stop" in message) return stop(message.stop);
  mailbox.push(...message.calls);
  if (!isBusy) void work();
});

async function work(): Promise<void> {
  isBusy = true;
  for (let call = mailbox.shift(); call && !isDying; call = mailbox.shift()) if (channel.begin(call.ticket)) await attend(call);
  isBusy = false;
}

async function attend(call: Call): Promise<void> {
  const mask = call.secrets.length === 0 ? noSecrets : new Mask(call.secrets);
  const files = new AttemptFiles(channel.data.dataDir, call, mask);
  const attempt = { id: call.attemptId, files, mask, stop: new AbortController(), beganAt: performance.now() };
  current = attempt;
  environment.set(call.env);
  const job = definition ?? (await load(attempt));
  if (job === null) return;
  const around = {
    files,
    mask,
    signal: attempt.stop.signal,
    progress: (progress: ProgressNews) => channel.tell({ attemptId: call.attemptId, progress }),
  };
  const outcome: Outcome = attempt.stop.signal.aborted ? { stopped: true } : await scope.run(attempt, runFunction, job, call, around);
  if (isDying) return;
  end(attempt, outcome);
}

/** The first call pays for it, and finds in its log what the file says while it is loaded. */
async function load(attempt: Attempt): Promise<JobDefinition | null> {
  isLoading = true;
  try {
    const { default: job } = (await import(pathToFileURL(channel.data.bundle).href)) as { default: JobDefinition };
    flushCompileCache();
    return (definition = job);
  } catch (error) {
    die(attempt, error);
    return null;
  } finally {
    isLoading = false;
  }
}

function end(attempt: Attempt, outcome: Outcome, dying?: { readonly isDying: true }): void {
  current = null;
  attempt.files.end();
  environment.restore();
  ended[place]?.files.forget();
  ended[place] = attempt;
  place = (place + 1) % REMEMBERED;
  channel.tell({ attemptId: attempt.id, outcome, tookMs: performance.now() - attempt.beganAt, ...dying });
}

function stop(attemptId: string): void {
  if (current?.id === attemptId) current.stop.abort(new DOMException("The attempt is to end.", "AbortError"));
}

/** An error that nobody caught. The job that it belongs to has failed, if it still runs; another job is not to pay for it. */
function strayed(error: unknown): void {
  if (isDying) return;
  const attempt = scope.getStore();
  if (attempt !== undefined && attempt !== current) return attempt.files.line("stderr", `Uncaught after the job's end: ${inspect(error)}`);
  if (current !== null && (attempt === current || isLoading)) return die(current, error);
  isDying = true;
  channel.tell({ stray: inspect(error) });
}

/** A call of process.exit by what an earlier job left behind is not the fault of the one that runs. */
function exited(code: number): void {
  if (current === null) return;
  current.files.end();
  const caller = scope.getStore();
  if (caller !== current && !isLoading) channel.tell({ stray: `process.exit(${code})` });
}

/** What the job began may still go on: its end is told once the whole host is gone. */
function die(attempt: Attempt, error: unknown): void {
  isDying = true;
  end(attempt, { failure: failureOf(error, attempt.mask) }, { isDying: true });
}
