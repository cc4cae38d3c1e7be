// The store on one DynamoDB table (keys.ts). Reads of single records are strong; lists lag, and so do counts and the feed of all
// events, which the relay (relay.ts) makes from the table's stream.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DAY } from "../../../domain/duration.ts";
import { SwitchyardError } from "../../../domain/errors.ts";
import type { Job } from "../../../domain/job.ts";
import type { Store } from "../../../ports/store.ts";
import { commit } from "./commit.ts";
import { Edges } from "./edges.ts";
import type { Condition } from "./expression.ts";
import { eventsOfJob, Feed } from "./feed.ts";
import { FeedLog } from "./feed-log.ts";
import { finishGraph } from "./finish-graph.ts";
import { Follow } from "./follow.ts";
import { Groups, sumOf } from "./groups.ts";
import { Jobs } from "./jobs.ts";
import { jobKey } from "./keys.ts";
import { listJobs } from "./list-jobs.ts";
import type { Parts } from "./parts.ts";
import type { Payloads } from "./payloads.ts";
import { Pools } from "./pools.ts";
import { edges, inputs, unfinishedTurns, unreleased } from "./reads.ts";
import { evaluate, release, revive } from "./steps.ts";
import { readKey, submitGraph } from "./submit.ts";
import { sweep } from "./sweep.ts";
import { Table } from "./table.ts";
import { isFar, Texts } from "./texts.ts";
import { due, nextDueAt } from "./times.ts";
import { takeTurns, touch } from "./turns.ts";
import { Ulids } from "./ulids.ts";
import { putWorkflow, removeWorkflow, workflow, workflows } from "./workflows.ts";

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** For texts of more than 64 KB. */
  readonly payloads: Payloads;
  /** Says what is past its retention. */
  readonly now?: () => number;
  /** How long sweeps leave to DynamoDB what it should forget by itself. */
  readonly ttlGraceMs?: number;
  /** Jobs that a list looks at to put them in another order than that of acceptance. */
  readonly sortedMax?: number;
}

export class DynamoStore implements Store {
  /** A job's step is up to twelve records, and a transaction has room for a hundred. */
  readonly limits = { writesPerChange: 8, jobsPerGraph: 10_000 };
  beforeBatch = (): void => {};
  readonly #parts: Parts;
  readonly #feed: Feed;
  readonly #log: FeedLog;
  #isPlanned = false;
  #isClosed = false;

  private constructor(parts: Parts, log: FeedLog) {
    this.#parts = parts;
    this.#log = log;
    this.#feed = new Feed(log);
  }

  /** The table must be there (`createTable`, or the stacks by `tableDefinition`), and a relay on its stream. */
  static open(options: DynamoStoreOptions): DynamoStore {
    const { client, tableName, payloads, now = () => Date.now(), ttlGraceMs = 3 * DAY, sortedMax = 1000 } = options;
    const table = new Table(client, tableName);
    const texts = new Texts(payloads);
    const jobs = new Jobs(table, texts, now);
    const pools = new Pools(table, jobs);
    const groups = new Groups(table, jobs, texts);
    const graph = new Edges(table, jobs);
    const follow: Follow = new Follow(jobs, pools, groups, (name) => finishGraph(parts, name));
    const parts: Parts = { table, texts, ulids: new Ulids(), jobs, pools, groups, edges: graph, follow, now, ttlGraceMs, sortedMax };
    return new DynamoStore(parts, new FeedLog(table));
  }

  commit: Store["commit"] = async (change) => {
    this.#refuseLarger((change.jobs?.length ?? 0) + (change.groups?.length ?? 0), "writesPerChange");
    return this.#write(() => commit(this.#parts, change));
  };
  submitGraph: Store["submitGraph"] = async (graph) => {
    this.#refuseLarger(graph.records.length, "jobsPerGraph");
    return this.#write(() => submitGraph(this.#parts, graph));
  };
  takeTurns: Store["takeTurns"] = (ask) => this.#ask(() => takeTurns(this.#parts, ask));
  release: Store["release"] = (parent, now) => this.#write(() => release(this.#parts, parent, now));
  evaluate: Store["evaluate"] = (job, now) => this.#write(() => evaluate(this.#parts, job, now));
  revive: Store["revive"] = (parent, now) => this.#write(() => revive(this.#parts, parent, now));
  touch: Store["touch"] = (beats) => this.#ask(() => touch(this.#parts, beats));
  putWorkflow: Store["putWorkflow"] = (given, facts) => this.#ask(() => putWorkflow(this.#parts, given, facts));
  removeWorkflow: Store["removeWorkflow"] = (name, now) => this.#ask(() => removeWorkflow(this.#parts, name, now));
  sweep: Store["sweep"] = (now, max) => this.#ask(() => sweep(this.#parts, now, max));

  job: Store["job"] = (id) => this.#ask(() => this.#parts.jobs.view(id));
  jobs: Store["jobs"] = (query) => this.#ask(() => listJobs(this.#parts, query));
  unfinishedTurns: Store["unfinishedTurns"] = (page) => this.#ask(() => unfinishedTurns(this.#parts, page));
  due: Store["due"] = (now, max) => this.#ask(() => due(this.#parts, now, max));
  nextDueAt: Store["nextDueAt"] = () => this.#ask(() => nextDueAt(this.#parts));
  inputs: Store["inputs"] = (job) => this.#ask(() => inputs(this.#parts, job));
  edges: Store["edges"] = (job, side, page) => this.#ask(() => edges(this.#parts, job, side, page));
  group: Store["group"] = (id) => this.#ask(() => this.#parts.groups.group(id));
  groups: Store["groups"] = (query) => this.#ask(() => this.#parts.groups.list(query));
  idleGroups: Store["idleGroups"] = (max) => this.#ask(() => this.#parts.groups.idle(max));
  unreleased: Store["unreleased"] = (max) => this.#write(() => unreleased(this.#parts, max));
  workflow: Store["workflow"] = (name, version) => this.#ask(() => workflow(this.#parts, name, version));
  workflows: Store["workflows"] = (page) => this.#ask(() => workflows(this.#parts, page));
  events: Store["events"] = (ask) =>
    this.#ask(() => (ask.job === undefined ? this.#feed.events(ask) : eventsOfJob(this.#parts, ask.job, ask)));
  lastEventId: Store["lastEventId"] = () => this.#ask(() => this.#feed.last());
  counts: Store["counts"] = () => this.#ask(async () => sumOf([{ ...(await this.#log.head())?.counts }]));
  key: Store["key"] = (key, now) =>
    this.#ask(async () => {
      const found = await readKey(this.#parts, key);
      return found && found.untilMs > now ? found : null;
    });

  /** The internal id of a job: what lies elsewhere for it is named by this. Null if there is none of that id. */
  uidOf = (id: string): Promise<string | null> => this.#ask(async () => (await this.#parts.jobs.byId(id))?.uid ?? null);

  /** The same of a job that was read here, without a request. */
  uidOfRead = (job: Job): string | null => this.#parts.jobs.known(job)?.uid ?? null;

  /** Where a result lies that is too large for the table; null = there is none. */
  farResultOf = (id: string): Promise<string | null> =>
    this.#ask(async () => {
      const uid = (await this.#parts.jobs.byId(id))?.uid;
      if (uid === undefined) return null;
      const result = (await this.#parts.table.get(jobKey(uid)))?.result;
      return isFar(result) ? result.at : null;
    });

  /** `uidOf` for whoever writes payloads under `jobs/<uid>/`: from then on everything there goes with the job. */
  uidForFiles = (id: string): Promise<string | null> =>
    this.#ask(async () => {
      const stored = await this.#parts.jobs.byId(id);
      if (stored === null || stored.hasFiles) return stored?.uid ?? null;
      const isThere: Condition = { is: { isGone: undefined }, exists: "pk" };
      return (await this.#parts.table.update(jobKey(stored.uid), { set: { hasFiles: true } }, isThere)) ? stored.uid : null;
    });

  /** Somebody may have come to wait, or a place may be free. */
  async #write<T>(work: () => Promise<T>): Promise<T> {
    const answer = await this.#ask(work);
    this.wake();
    return answer;
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseClosed();
    return work();
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new SwitchyardError("store.unavailable", "The store is closed.");
  }

  #refuseLarger(size: number, limit: keyof Store["limits"]): void {
    const max = this.limits[limit];
    if (size > max) throw new SwitchyardError("payload.too_large", `The store takes ${max} ${limit}, and not ${size}.`);
  }

  /** There are no batches here: every write is its own, and what it makes possible is asked for right after it. */
  wake(): void {
    if (this.#isPlanned || this.#isClosed) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      if (!this.#isClosed) this.beforeBatch();
    });
  }

  /** The client is its owner's to close. */
  async close(): Promise<void> {
    this.#isClosed = true;
  }
}
