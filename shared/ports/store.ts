// What the engine asks of a store. Every answer comes after the write is durable. A conflict is an answer, not an exception.
import type { Fact } from "../../events/catalogue.ts";
import type { Decision } from "../domain/decision.ts";
import type { Dependency, Edge } from "../domain/dependency.ts";
import type { Group, GroupKind, Tally } from "../domain/group.ts";
import type { StoredEvent } from "../domain/history.ts";
import type { Job, JobState, JobType } from "../domain/job.ts";
import type { JsonText } from "../domain/json.ts";
import type { Progress } from "../domain/progress.ts";
import type { StoredWorkflow } from "../domain/workflow/definition.ts";

/** What a job was submitted with: written once, read by whoever runs or shows it. */
export interface JobBody {
  readonly spec: JsonText;
  readonly params: JsonText;
  readonly tags: readonly string[];
}

export interface NewRecord extends Decision {
  readonly body: JobBody;
  readonly dependencies: readonly Dependency[];
  /** The limit that the pool gets if it does not exist yet. */
  readonly poolLimit: number | null;
  /** A ULID of the job's own, in the order of acceptance: for stores that sort jobs by it. */
  readonly ulid?: string;
}

/** Remembers the answer to a request until `untilMs`. */
export interface IdempotencyKey {
  readonly key: string;
  readonly bodyHash: string;
  readonly answer: JsonText;
  readonly untilMs: number;
}

export interface NewGraph {
  readonly records: readonly NewRecord[];
  readonly group: { readonly group: Group; readonly facts: readonly Fact[] } | null;
  readonly key: IdempotencyKey | null;
}

export type Submitted =
  | { readonly ok: true; readonly queued: readonly string[] }
  | { readonly ok: false; readonly because: "id_taken" | "dependency_missing"; readonly at: string }
  | { readonly ok: false; readonly because: "key_taken"; readonly key: IdempotencyKey };

/** One job's step. It is refused unless the stored version is the decision's own minus one: the fence. */
export interface JobWrite extends Decision {
  /** What the decision was made on: fenced by the version, so the store need not read it again. */
  readonly before: Pick<Job, "state" | "endReason">;
  readonly result?: JsonText | null;
}

/** All or nothing; at most `limits.writesPerChange` writes. */
export interface Change {
  readonly jobs?: readonly JobWrite[];
  readonly groups?: readonly { readonly group: Group; readonly facts: readonly Fact[] }[];
}

export type Committed =
  | {
      readonly ok: true;
      /** Lanes in which jobs came to wait. */
      readonly queued: readonly string[];
      /** Other jobs that ended by this write: dependants cancelled for want of it. */
      readonly ended: readonly string[];
      /** Parents with more dependants than one write may touch: `release` goes on. */
      readonly unreleased: readonly string[];
      /** Groups in which nothing is open any more, but perhaps a job that waits for a failure. */
      readonly idleGroups: readonly string[];
    }
  | { readonly ok: false; readonly because: "changed" };

export interface Turn {
  readonly job: Job;
  readonly spec: JsonText;
  readonly params: JsonText;
}

export interface TurnsAsk {
  readonly lanes: readonly { readonly lane: string; readonly max: number }[];
  readonly now: number;
  /** null = no lease before the attempt is shown running. */
  readonly leaseUntil: number | null;
  readonly announce: boolean;
}

export interface Beat {
  readonly job: string;
  readonly attemptId: string;
  /** null where a live process is its own proof. */
  readonly leaseUntil: number | null;
  readonly progress?: Progress;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}
export interface PageAsk {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly order?: "asc" | "desc" | undefined;
}

export interface JobQuery extends PageAsk {
  readonly states?: readonly JobState[] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly name?: string | undefined;
  readonly type?: JobType | undefined;
  readonly functionName?: string | undefined;
  readonly batchId?: string | undefined;
  readonly runId?: string | undefined;
  readonly createdAfter?: number | undefined;
  readonly createdBefore?: number | undefined;
  readonly sort?: "createdAt" | "updatedAt" | "priority" | "name" | undefined;
  readonly offset?: number | undefined;
}

/** A job with everything that is shown of it but its result. */
export interface JobView {
  readonly job: Job;
  readonly spec: JsonText;
  readonly params: JsonText;
  readonly progress: Progress | null;
  readonly result: JsonText | null;
}

/** What a job's parents left for it. */
export interface Input {
  readonly parent: string;
  readonly label: string | null;
  readonly pass: Edge["pass"];
  readonly state: JobState;
  readonly result: JsonText | null;
  /** The parent's own spec: it says which part of a matrix step it was. */
  readonly spec: JsonText;
}

export interface GroupQuery extends PageAsk {
  readonly kind: GroupKind;
  readonly name?: string | undefined;
  readonly state?: string | undefined;
}

export interface Store {
  readonly limits: { readonly writesPerChange: number; readonly jobsPerGraph: number };
  commit(change: Change): Promise<Committed>;
  /** Jobs with their edges, visible together or never. Edges to parents that have ended are resolved in the same write. */
  submitGraph(graph: NewGraph): Promise<Submitted>;
  /** Grants turns to the best waiting jobs of lanes; each turn has one winner. */
  takeTurns(ask: TurnsAsk): Promise<Turn[]>;
  /** The next page of an ended parent's dependants. Idempotent. */
  release(parent: string, now: number): Promise<Committed>;
  /** Looks at a blocked job's edges again. Idempotent. */
  evaluate(job: string, now: number): Promise<Committed>;
  /** Brings dependants that were cancelled for this job back to blocked, transitively. */
  revive(parent: string, now: number): Promise<Committed>;
  /** Beats and progress: the last one wins, no event, no version. Answers the attempts that are no longer current. */
  touch(beats: readonly Beat[]): Promise<string[]>;
  /** Called just before a batch of operations leaves, so that the engine can add what belongs into the same transaction. */
  beforeBatch: () => void;
  /** Makes a batch leave soon, also when only `beforeBatch` has something to add. */
  wake(): void;

  /** Reads of single records are strong, lists may lag. */
  job(id: string): Promise<JobView | null>;
  jobs(query: JobQuery): Promise<Page<JobView>>;
  /** Jobs with a turn, oldest first: what a restart has to look after, and whoever watches over leases. */
  unfinishedTurns(page: PageAsk): Promise<Page<Job>>;
  /** Waiting jobs that somebody has to look at, the longest overdue first. */
  due(now: number, max: number): Promise<Job[]>;
  /** When `due` has something to say next; null = not foreseeable. */
  nextDueAt(): Promise<number | null>;
  inputs(job: string): Promise<Input[]>;
  edges(job: string, side: "in" | "out", page: PageAsk): Promise<Page<Edge & { readonly jobState: JobState }>>;
  group(id: string): Promise<{ group: Group; tally: Tally } | null>;
  groups(query: GroupQuery): Promise<Page<{ group: Group; tally: Tally }>>;
  /** Groups that look ended but are not: what `recover` evaluates. */
  idleGroups(max: number): Promise<string[]>;
  /** Ended jobs with dependants that were not told: what `recover` releases. */
  unreleased(max: number): Promise<string[]>;
  key(key: string, now: number): Promise<IdempotencyKey | null>;

  /** Answers the stored version: the given definition's own, or the latest if that says the same. */
  putWorkflow(workflow: StoredWorkflow, facts: readonly Fact[]): Promise<{ ok: boolean }>;
  removeWorkflow(name: string, now: number): Promise<boolean>;
  workflow(name: string, version?: number): Promise<StoredWorkflow | null>;
  workflows(page: PageAsk & { readonly name?: string | undefined }): Promise<Page<StoredWorkflow>>;

  events(ask: PageAsk & { readonly job?: string | undefined; readonly types?: readonly string[] | undefined }): Promise<Page<StoredEvent>>;
  /** The newest event's id; followers start here. */
  lastEventId(): Promise<string | undefined>;
  counts(): Promise<Tally>;
  /** Removes finished jobs past their retention, and what hangs on them, at most `max`. Answers the removed ids. */
  sweep(now: number, max: number): Promise<string[]>;
  close(): Promise<void>;
}
