// The main thread's view of the thread that runs the function: there is one, it stays while the Lambda is warm, and a fresh one
// takes the place of one that died.
import type { Worker } from "node:worker_threads";
import type { Outcome } from "../../../domain/attempt.ts";
import type { JsonText } from "../../../domain/json.ts";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { Call } from "../../../functions/call.ts";
import { deathOf, type Gone } from "../../../functions/death.ts";
import { startWorker } from "../../../functions/worker-thread.ts";
import type { CheckpointQuestion, FromThread, ThreadData, ToThread } from "./messages.ts";

export interface ThreadOptions extends ThreadData {
  readonly entry: URL;
  readonly env: Readonly<Record<string, string>>;
  readonly heapMb: number;
}

export interface AttemptListener {
  progress(news: ProgressNews): void;
  readCheckpoint(): Promise<JsonText | undefined>;
  saveCheckpoint(text: JsonText): Promise<void>;
}

interface Turn {
  readonly call: Call;
  readonly listener: AttemptListener;
  readonly end: (outcome: Outcome | null) => void;
  hasBegun: boolean;
  /** Told by the thread that dies now: it counts once nothing of the attempt is left. */
  fate: Outcome | null;
  /** A thread died before it could begin. */
  isSecondTry: boolean;
}

const MORE_MEMORY = "Give its Lambda more memory.";

export class JobThread {
  readonly #options: ThreadOptions;
  #worker: Worker | null = null;
  #ready: Promise<void> = Promise.resolve();
  #turn: Turn | null = null;
  #isStuck = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** What was abandoned still runs: nothing else may run beside it. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Starts it, if there is none. Resolves once it waits for an attempt, or could not be started. */
  warm(): Promise<void> {
    this.#worker ??= this.#start();
    return this.#ready;
  }

  /** One at a time. Null = it was abandoned. */
  run(call: Call, listener: AttemptListener): Promise<Outcome | null> {
    const { promise, resolve } = Promise.withResolvers<Outcome | null>();
    this.#turn = { call, listener, end: resolve, hasBegun: false, fate: null, isSecondTry: false };
    this.#post({ call });
    return promise;
  }

  /** Aborts `ctx.signal`. */
  stop(attemptId: string): void {
    if (this.#worker) this.#post({ stop: attemptId });
  }

  kill(): void {
    if (this.#turn) this.#turn.fate ??= { stopped: true };
    void this.#worker?.terminate();
  }

  /** Native code may keep a thread alive that was killed. */
  abandon(): void {
    if (this.#turn === null) return;
    this.#isStuck = true;
    this.#end(this.#turn, null);
  }

  #start(): Worker {
    const ready = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    const { entry, folder, env, heapMb } = this.#options;
    const workerData: ThreadData = { folder };
    const worker = startWorker<FromThread>(entry, { workerData, env, heapMb }, {
      heard: (news) => ("ready" in news ? ready.resolve() : this.#hear(worker, news)),
      gone: (gone) => {
        ready.resolve();
        this.#gone(gone);
      },
    }); // prettier-ignore
    return worker;
  }

  #post(message: ToThread): void {
    (this.#worker ??= this.#start()).postMessage(message);
  }

  #hear(worker: Worker, news: Exclude<FromThread, { ready: true }>): void {
    const turn = this.#turn;
    if ("stray" in news) {
      if (turn?.hasBegun) turn.fate ??= { lost: `Its thread ended by an error that belongs to no job: ${news.stray.slice(0, 500)}` };
      return void worker.terminate();
    }
    if (turn === null) return;
    if ("question" in news) return void this.#answer(worker, turn, news.question);
    if ("begun" in news) {
      turn.hasBegun = true;
      return;
    }
    if (news.attemptId !== turn.call.attemptId) return;
    if ("progress" in news) return turn.listener.progress(news.progress);
    if (!news.isDying && turn.fate === null) return this.#end(turn, news.outcome);
    turn.fate ??= news.outcome;
    void worker.terminate();
  }

  async #answer(worker: Worker, { listener }: Turn, { id, save }: CheckpointQuestion): Promise<void> {
    const asked = save === null ? listener.readCheckpoint() : listener.saveCheckpoint(save).then(() => undefined);
    const answer = await asked.then((text) => ({ text }), (error: Error) => ({ error: error.message })); // prettier-ignore
    const message: ToThread = { answer: { id, ...answer } };
    worker.postMessage(message);
  }

  #gone(gone: Gone): void {
    this.#worker = null;
    this.#isStuck = false;
    const turn = this.#turn;
    if (turn === null) return;
    if (turn.fate !== null) return this.#end(turn, turn.fate);
    if (turn.hasBegun) return this.#end(turn, deathOf(gone, MORE_MEMORY));
    if (turn.isSecondTry) {
      return this.#end(turn, { lost: `What runs the function could not be started: ${gone.error ?? `exit code ${gone.exitCode}`}` });
    }
    turn.isSecondTry = true;
    this.#post({ call: turn.call });
  }

  #end(turn: Turn, outcome: Outcome | null): void {
    this.#turn = null;
    turn.end(outcome);
  }
}
