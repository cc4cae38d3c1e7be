// The store on one DynamoDB table (keys.ts). Reads of single records are strong; lists, counts and the feed of events may lag.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SwitchyardError } from "../../../domain/errors.ts";
import type { Store } from "../../../ports/store.ts";
import { commit } from "./commit.ts";
import { Edges } from "./edges.ts";
import { eventsOfJob, Feed } from "./feed.ts";
import { finishGraph } from "./finish-graph.ts";
import { Follow } from "./follow.ts";
import { Groups } from "./groups.ts";
import { Jobs } from "./jobs.ts";
import { JobWrites } from "./job-writes.ts";
import { listJobs } from "./list-jobs.ts";
import type { Parts } from "./parts.ts";
import { Pools } from "./pools.ts";
import { counts, due, edges, inputs, nextDueAt, unfinishedTurns, unreleased } from "./reads.ts";
import { evaluate, release, revive } from "./steps.ts";
import { readKey, submitGraph } from "./submit.ts";
import { sweep } from "./sweep.ts";
import { Table } from "./table.ts";
import { takeTurns, touch } from "./turns.ts";
import { Ulids } from "./ulids.ts";
import { putWorkflow, removeWorkflow, workflow, workflows } from "./workflows.ts";

export interface DynamoStoreOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** How old an event must be to be shown in the feed of all events: at least the lag of an index and of clocks. */
  readonly feedLagMs?: number;
}

const FEED_LAG_MS = 3000;

export class DynamoStore implements Store {
  /** A job's step is up to twelve records, and a transaction has room for a hundred. */
  readonly limits = { writesPerChange: 8, jobsPerGraph: 10_000 };
  beforeBatch = (): void => {};
  readonly #parts: Parts;
  readonly #feed: Feed;
  #isPlanned = false;
  #isClosed = false;

  private constructor(parts: Parts, feed: Feed) {
    this.#parts = parts;
    this.#feed = feed;
  }

  /** The table must be there (`createTable`, or the stacks by `tableDefinition`). */
  static open({ client, tableName, feedLagMs = FEED_LAG_MS }: DynamoStoreOptions): DynamoStore {
    const table = new Table(client, tableName);
    const ulids = new Ulids();
    const jobs = new Jobs(table);
    const writes = new JobWrites(ulids);
    const pools = new Pools(table, jobs, writes);
    const groups = new Groups(table, jobs, writes);
    const graph = new Edges(table, writes);
    const follow: Follow = new Follow(jobs, pools, groups, (name) => finishGraph(parts, name));
    const parts: Parts = { table, ulids, jobs, writes, pools, groups, edges: graph, follow };
    return new DynamoStore(parts, new Feed(table, feedLagMs));
  }

  commit: Store["commit"] = async (change) => {
    this.#refuseLarger((change.jobs?.length ?? 0) + (change.groups?.length ?? 0), "writesPerChange");
    return this.#write(() => commit(this.#parts, change));
  };
  submitGraph: Store["submitGraph"] = async (graph) => {
    this.#refuseLarger(graph.records.length, "jobsPerGraph");
    return this.#write(() => submitGraph(this.#parts, graph));
  };
  takeTurns: Store["takeTurns"] = (ask) => this.#tell(() => takeTurns(this.#parts, ask));
  release: Store["release"] = (parent, now) => this.#write(() => release(this.#parts, parent, now));
  evaluate: Store["evaluate"] = (job, now) => this.#write(() => evaluate(this.#parts, job, now));
  revive: Store["revive"] = (parent, now) => this.#write(() => revive(this.#parts, parent, now));
  touch: Store["touch"] = (beats) => this.#ask(() => touch(this.#parts, beats));
  putWorkflow: Store["putWorkflow"] = (given, facts) => this.#tell(() => putWorkflow(this.#parts, given, facts));
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
  counts: Store["counts"] = () => this.#ask(() => counts(this.#parts));
  key: Store["key"] = (key, now) =>
    this.#ask(async () => {
      const found = await readKey(this.#parts, key);
      return found && found.untilMs > now ? found : null;
    });

  /** Somebody may have come to wait, or a place may be free. */
  async #write<T>(work: () => Promise<T>): Promise<T> {
    const answer = await this.#tell(work);
    this.wake();
    return answer;
  }

  async #tell<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseClosed();
    await this.#feed.announceToday();
    return work();
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
