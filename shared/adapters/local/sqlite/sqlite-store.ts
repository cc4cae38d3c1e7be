// The port's verbs, gathered into batches: what is asked within one turn of the event loop leaves in order, mostly as one batch.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { SwitchyardError } from "../../../domain/errors.ts";
import type { Store } from "../../../ports/store.ts";
import type { Operation } from "./group-commit.ts";
import { WRITES_PER_CHANGE } from "./operations.ts";
import { IN_MEMORY, openDatabase, openForReading } from "./open.ts";
import { Reads, type Read } from "./reads.ts";
import { packOperation, unpackAnswer } from "./wire.ts";

interface Caller {
  readonly operation: Operation;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * So many operations leave before the turn of the event loop is over: the writer begins with them while the rest is still being
 * made. Half as many cost too many fsyncs, twice as many let the writer wait (measured: 12.8k jobs a second against 10.0k without).
 */
const BATCH_LEAVES_AT = 48;

export class SqliteStore implements Store {
  readonly limits = { writesPerChange: WRITES_PER_CHANGE, jobsPerGraph: 10_000 };
  beforeBatch = (): void => {};
  readonly #writer: Worker;
  readonly #reader: Reads | null;
  readonly #closeReader: () => void;
  #operations: unknown[] = [];
  #callers: Caller[] = [];
  #unanswered: Caller[] = [];
  #isPlanned = false;
  #isSending = false;
  #isClosed = false;

  private constructor(writer: Worker, file: string) {
    this.#writer = writer;
    const database = file === IN_MEMORY ? null : openForReading(file);
    this.#reader = database && new Reads(database);
    this.#closeReader = () => database?.close();
    writer.on("message", (answers: readonly unknown[]) => this.#answered(answers));
    writer.on("error", (error) => this.#broke(error));
    writer.on("exit", () => this.#broke(new Error("the writer has ended")));
  }

  /** @throws SwitchyardError `store.unavailable` for a file that cannot be used; it is left as it was. */
  static async open(file: string): Promise<SqliteStore> {
    // Also here, on this thread: errors would lose their code on the way from the writer.
    if (file !== IN_MEMORY) openDatabase(file).close();
    const writer = new Worker(new URL(`./writer.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url), {
      workerData: { file },
    });
    await once(writer, "message");
    return new SqliteStore(writer, file);
  }

  commit: Store["commit"] = (change) =>
    this.#bounded((change.jobs?.length ?? 0) + (change.groups?.length ?? 0), "writesPerChange") ?? this.#ask({ op: "commit", change });
  submitGraph: Store["submitGraph"] = (graph) =>
    this.#bounded(graph.records.length, "jobsPerGraph") ?? this.#ask({ op: "submitGraph", graph });
  takeTurns: Store["takeTurns"] = (ask) => this.#ask({ op: "takeTurns", ask });
  release: Store["release"] = (job, now) => this.#ask({ op: "release", job, now });
  evaluate: Store["evaluate"] = (job, now) => this.#ask({ op: "evaluate", job, now });
  revive: Store["revive"] = (job, now) => this.#ask({ op: "revive", job, now });
  touch: Store["touch"] = (beats) => this.#ask({ op: "touch", beats });
  putWorkflow: Store["putWorkflow"] = (workflow, facts) => this.#ask({ op: "putWorkflow", workflow, facts });
  removeWorkflow: Store["removeWorkflow"] = (name, now) => this.#ask({ op: "removeWorkflow", name, now });
  sweep: Store["sweep"] = (now, max) => this.#ask({ op: "sweep", now, max });

  job: Store["job"] = (...args) => this.#read({ name: "job", args });
  jobs: Store["jobs"] = (...args) => this.#read({ name: "jobs", args });
  unfinishedTurns: Store["unfinishedTurns"] = (...args) => this.#read({ name: "unfinishedTurns", args });
  due: Store["due"] = (...args) => this.#read({ name: "due", args });
  nextDueAt: Store["nextDueAt"] = (...args) => this.#read({ name: "nextDueAt", args });
  inputs: Store["inputs"] = (...args) => this.#read({ name: "inputs", args });
  edges: Store["edges"] = (...args) => this.#read({ name: "edges", args });
  group: Store["group"] = (...args) => this.#read({ name: "group", args });
  groups: Store["groups"] = (...args) => this.#read({ name: "groups", args });
  idleGroups: Store["idleGroups"] = (...args) => this.#read({ name: "idleGroups", args });
  unreleased: Store["unreleased"] = (...args) => this.#read({ name: "unreleased", args });
  key: Store["key"] = (...args) => this.#read({ name: "key", args });
  workflow: Store["workflow"] = (...args) => this.#read({ name: "workflow", args });
  workflows: Store["workflows"] = (...args) => this.#read({ name: "workflows", args });
  events: Store["events"] = (...args) => this.#read({ name: "events", args });
  lastEventId: Store["lastEventId"] = (...args) => this.#read({ name: "lastEventId", args });
  counts: Store["counts"] = (...args) => this.#read({ name: "counts", args });

  /** Whoever waits for a write's answer reads it here: the reader sees every transaction that has been answered. */
  async #read<T>(read: Read): Promise<T> {
    if (!this.#reader) return this.#ask<T>({ op: "read", read });
    if (this.#isClosed) throw unavailable("it is closed");
    return this.#reader.perform(read) as T;
  }

  #bounded(size: number, limit: keyof Store["limits"]): Promise<never> | null {
    const max = this.limits[limit];
    return size <= max
      ? null
      : Promise.reject(new SwitchyardError("payload.too_large", `The store takes ${max} ${limit}, and not ${size}.`));
  }

  #ask<T>(operation: Operation): Promise<T> {
    if (this.#isClosed) return Promise.reject(unavailable("it is closed"));
    return new Promise((resolve, reject) => {
      this.#operations.push(packOperation(operation));
      this.#callers.push({ operation, resolve: resolve as Caller["resolve"], reject });
      if (this.#operations.length >= BATCH_LEAVES_AT && !this.#isSending) this.#sendBatch();
      else this.wake();
    });
  }

  wake(): void {
    if (this.#isPlanned || this.#isClosed) return;
    this.#isPlanned = true;
    setImmediate(() => this.#sendBatch());
  }

  #sendBatch(): void {
    if (this.#isClosed) return;
    this.#isSending = true;
    this.beforeBatch();
    this.#isSending = false;
    this.#isPlanned = false;
    if (this.#operations.length === 0) return;
    for (const caller of this.#callers) this.#unanswered.push(caller);
    this.#writer.postMessage(this.#operations);
    this.#operations = [];
    this.#callers = [];
  }

  /** Answers come in the order of the questions. */
  #answered(answers: readonly unknown[]): void {
    const callers = this.#unanswered.splice(0, answers.length);
    answers.forEach((packed, index) => {
      const caller = callers[index]!;
      const answer = unpackAnswer(caller.operation, packed);
      if ("error" in answer) caller.reject(new SwitchyardError(answer.code, answer.error));
      else caller.resolve(answer.value);
    });
  }

  #broke(error: Error): void {
    this.#isClosed = true;
    const callers = [...this.#unanswered, ...this.#callers];
    [this.#unanswered, this.#callers, this.#operations] = [[], [], []];
    for (const caller of callers) caller.reject(unavailable(error.message));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#sendBatch();
    this.#isClosed = true;
    this.#writer.postMessage("close");
    await once(this.#writer, "exit");
    this.#closeReader();
  }
}

const unavailable = (why: string): SwitchyardError =>
  new SwitchyardError("store.unavailable", `The store cannot do that now: ${why}. Nothing was written; try again.`);
