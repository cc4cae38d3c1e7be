// A job in the hands of its user.
import { SwitchyardError } from "../domain/errors.ts";
import { isEnd, type JobError, type JobState } from "../domain/job.ts";
import type { Json } from "../domain/json.ts";
import type { JobInput } from "../domain/spec-schema.ts";
import type { Client } from "./client.ts";

/** A job as the API shows it, the parts that are used here. */
export interface JobShown {
  readonly id: string;
  readonly name?: string;
  readonly type: string;
  readonly state: JobState;
  readonly executor: string;
  readonly attempt: number;
  readonly result?: Json;
  readonly resultUrl?: string;
  readonly error?: JobError;
  readonly stateReason?: { readonly code: string; readonly message: string };
  readonly progress?: { readonly percent: number; readonly stage?: string; readonly details: Record<string, Json>; readonly at: string };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly durationMs?: number;
}

export interface LogLineShown {
  readonly seq: number;
  readonly at: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly attempt: number;
  readonly partial?: true;
}

/** How long one request waits; a longer wait is several of them. */
const WAIT_SECONDS = 25;

export class JobHandle {
  readonly #client: Client;
  #shown: JobShown | null;
  #input: JobInput | null;

  constructor(client: Client, shown: JobShown | null, input: JobInput | null = null) {
    this.#client = client;
    this.#shown = shown;
    this.#input = input;
  }

  /** As last seen; `refresh` looks again. @throws SwitchyardError `job.not_found` before `run()` */
  get shown(): JobShown {
    if (!this.#shown) throw new SwitchyardError("job.not_found", "The job was not submitted yet; call run() first.");
    return this.#shown;
  }

  get id(): string {
    return this.shown.id;
  }

  /** Chooses the executor of a job that was not submitted yet. */
  setRunner(executor: string): this {
    if (!this.#input) throw new SwitchyardError("job.wrong_state", "The job was submitted already; its executor cannot be changed.");
    this.#input = { ...this.#input, executor };
    return this;
  }

  /** Submits it, or starts it if it was submitted with `autoStart: false`. */
  async run(): Promise<this> {
    this.#shown = this.#input ? (await this.#client.submit(this.#input)).shown : await this.#act("start");
    this.#input = null;
    return this;
  }

  async refresh(): Promise<JobShown> {
    return (this.#shown = await this.#client.call<JobShown>("GET", this.#path()));
  }

  /** Until it has ended, or `timeoutMs` is over: then it is answered as it is. */
  async wait({ timeoutMs = Infinity }: { timeoutMs?: number } = {}): Promise<JobShown> {
    const end = Date.now() + timeoutMs;
    do {
      const seconds = Math.max(0, Math.min(WAIT_SECONDS, (end - Date.now()) / 1000));
      this.#shown = await this.#client.call<JobShown>("GET", `${this.#path()}?wait=${seconds}`);
    } while (!isEnd(this.#shown.state) && Date.now() < end);
    return this.#shown;
  }

  /** Waits for the end. @throws SwitchyardError `result.not_found` with the job's error if it did not complete */
  async getResult(): Promise<Json> {
    await this.wait();
    return this.#client.call<Json>("GET", `${this.#path()}/result`);
  }

  getResults = (): Promise<Json> => this.getResult();

  complete = async (result: Json = null): Promise<JobShown> => (this.#shown = await this.#act("complete", { result }));
  setResult = (result: Json): Promise<JobShown> => this.complete(result);
  fail = async (error: string | { code?: string; message?: string; retryable?: boolean } = {}): Promise<JobShown> =>
    (this.#shown = await this.#act("fail", typeof error === "string" ? { message: error } : error));
  cancel = async (): Promise<JobShown> => (this.#shown = await this.#act("cancel"));
  retry = async (): Promise<JobShown> => (this.#shown = await this.#act("retry"));
  pause = async (): Promise<JobShown> => (this.#shown = await this.#act("pause"));
  resume = async (): Promise<JobShown> => (this.#shown = await this.#act("resume"));

  /** The verb that leads to the state. @throws SwitchyardError `job.wrong_state` for a state that nobody can ask for */
  async updateState(state: JobState): Promise<JobShown> {
    const verbs: Partial<Record<JobState, () => Promise<unknown>>> = {
      completed: () => this.complete(), failed: () => this.fail(), cancelled: () => this.cancel(), paused: () => this.pause(), queued: () => this.run(),
    }; // prettier-ignore
    const act = verbs[state];
    if (!act) throw new SwitchyardError("job.wrong_state", `A job comes to be ${state} by itself; it cannot be set.`);
    await act();
    return this.shown;
  }

  isRunning = async (): Promise<boolean> => (await this.refresh()).state === "running";
  isCompleted = async (): Promise<boolean> => (await this.refresh()).state === "completed";
  hasFailed = async (): Promise<boolean> => (await this.refresh()).state === "failed";

  /** All lines so far, page by page. */
  async *logs(): AsyncGenerator<LogLineShown> {
    let after = 0;
    for (;;) {
      const page = await this.#client.call<{ items: LogLineShown[]; nextAfter?: number }>("GET", `${this.#path()}/logs?after=${after}`);
      yield* page.items;
      if (page.nextAfter === undefined) return;
      after = page.nextAfter;
    }
  }

  #path = (): string => `/v1/jobs/${encodeURIComponent(this.id)}`;
  #act = (verb: string, body?: unknown): Promise<JobShown> =>
    this.#client.call("POST", `${this.#path()}/${verb}`, body === undefined ? {} : { body });
}
