// What one operation does, and what its caller has to know of it afterwards. Runs inside the transaction of its batch.
import type { DatedFact, Decision } from "../../../domain/decision.ts";
import { admitted } from "../../../domain/begin.ts";
import { bucketOf } from "../../../domain/group.ts";
import { executorLane, holdsTurn, isEnd, isFinished, poolLane, type Job } from "../../../domain/job.ts";
import type { JsonText } from "../../../domain/json.ts";
import type { Committed, JobWrite } from "../../../ports/store.ts";
import { insertValues, jobOf, updateValues, type Row } from "./rows.ts";
import type { Statements } from "./statements.ts";
import type { ToldFact, ToldRecord, ToldWrite } from "./wire.ts";

/** Facts of decisions made elsewhere come as text, those made here do not. */
type Told = readonly (DatedFact | ToldFact)[];

export interface StoredJob {
  readonly n: number;
  readonly eventSeq: number;
  readonly job: Job;
}

export class Work {
  readonly sql: Statements;
  readonly queued = new Set<string>();
  readonly ended: string[] = [];
  readonly unreleased: string[] = [];
  readonly idleGroups = new Set<string>();
  /** How many jobs came into a state or left it: written once a batch. */
  readonly counted = new Map<string, number>();

  constructor(sql: Statements) {
    this.sql = sql;
  }

  answer(): Committed {
    const { queued, ended, unreleased, idleGroups } = this;
    return { ok: true, queued: [...queued], ended, unreleased, idleGroups: [...idleGroups] };
  }

  read(id: string): StoredJob | null {
    return stored(this.sql.jobById.get(id));
  }

  readN(n: number): StoredJob | null {
    return stored(this.sql.jobByN.get(n));
  }

  /** Null if the id is taken. */
  insert({ job, facts }: Pick<ToldRecord, "job" | "facts">): number | null {
    const { changes, lastInsertRowid } = this.sql.insertJob.run(...insertValues(job, facts.length));
    if (changes === 0) return null;
    const n = Number(lastInsertRowid);
    this.tell(n, 0, facts, job.createdAt);
    this.#count(null, job);
    if (job.state === "queued") this.enqueued(job);
    return n;
  }

  /** Null if the stored job is not the version that the decision was made on. */
  update({ job, facts, before, result }: ToldWrite): StoredJob | null {
    const row = this.sql.updateFenced.get(...updateValues(job, facts.length), job.id, job.version - 1);
    if (!row) return null;
    const [n, eventSeq] = [row.n as number, row.eventSeq as number];
    this.#follow(n, eventSeq - facts.length, before, { job, facts }, result);
    return { n, eventSeq, job };
  }

  /** A decision made in this transaction. Answers the job as it is stored now. */
  replace({ n, eventSeq, job: before }: StoredJob, { job, facts }: Decision): StoredJob {
    this.sql.updateJob.run(...updateValues(job, facts.length), n);
    this.#follow(n, eventSeq, before, { job, facts });
    return { n, eventSeq: eventSeq + facts.length, job };
  }

  #follow(
    n: number,
    eventSeq: number,
    before: JobWrite["before"],
    { job, facts }: Pick<ToldWrite, "job"> & { readonly facts: Told },
    result?: JsonText | null,
  ): void {
    this.tell(n, eventSeq, facts, job.updatedAt);
    this.#count(before, job);
    if (result !== undefined && result !== null) this.sql.putResult.run(n, result);
    if (isFinished(before) && !isFinished(job)) this.sql.removeResult.run(n);
    if (job.pool !== null && !keepsSlot(job)) this.#freeSlot(n, job.pool);
    if (job.state === "queued") this.enqueued(job);
    if (isEnd(job.state) && !isFinished(before)) this.#noticeIdleGroups(job);
  }

  tell(n: number, seq: number, facts: Told, at: number): void {
    for (const [index, fact] of facts.entries()) {
      const text = "text" in fact ? fact.text : JSON.stringify(fact.data);
      this.sql.insertEvent.run(n, null, seq + index + 1, fact.type, fact.at ?? at, text);
    }
  }

  /** It waits in a lane now: in its executor's, or in its pool's until a slot is free. */
  enqueued(job: Job): void {
    if (job.pool !== null && job.lane === poolLane(job.pool)) this.admitWaiting(job.pool);
    else this.queued.add(job.lane);
  }

  /** Gives free slots to the best of those who wait for them. */
  admitWaiting(pool: string): void {
    const room = Number(this.sql.poolRoom.get(pool)?.room ?? 0);
    if (room <= 0) return;
    for (const row of this.sql.bestForSlots.all(poolLane(pool), room)) {
      const job = admitted(jobOf(row));
      this.sql.takeSlot.run(row.n as number, pool);
      this.sql.holdMore.run(1, pool);
      this.sql.admit.run(job.lane, job.version, row.n as number);
      this.queued.add(job.lane);
    }
  }

  #freeSlot(n: number, pool: string): void {
    if (this.sql.freeSlot.run(n).changes === 0) return;
    this.sql.holdMore.run(-1, pool);
    this.admitWaiting(pool);
  }

  granted(before: StoredJob, { job, facts }: Decision): void {
    const { attemptId, attempt, leaseUntil, updatedAt, version } = job;
    this.sql.grantJob.run(attemptId, attempt, leaseUntil, updatedAt, version, before.eventSeq + facts.length, before.n);
    this.tell(before.n, before.eventSeq, facts, updatedAt);
    this.#count(before.job, job);
  }

  #count(before: JobWrite["before"] | null, after: Job): void {
    const from = before && bucketOf(before);
    const to = bucketOf(after);
    if (from === to) return;
    if (from) this.counted.set(from, (this.counted.get(from) ?? 0) - 1);
    this.counted.set(to, (this.counted.get(to) ?? 0) + 1);
    for (const group of groupsOf(after)) {
      if (from) this.sql.countInGroup.run(group, from, -1);
      this.sql.countInGroup.run(group, to, 1);
    }
  }

  #noticeIdleGroups(job: Job): void {
    for (const group of groupsOf(job)) {
      // One may be open: the job that waits for a failure of the others.
      if (Number(this.sql.openInGroup.get(group)?.open) <= 1) this.idleGroups.add(group);
    }
  }
}

/** A slot is a job's own from its admission to the end of its attempt, also while it waits for its executor. */
const keepsSlot = (job: Job): boolean => holdsTurn(job) || (job.state === "queued" && job.lane === executorLane(job.executor));

const groupsOf = (job: Job): string[] => [job.batchId, job.runId].filter((group) => group !== null);

export const stored = (row: Row | undefined): StoredJob | null =>
  row ? { n: row.n as number, eventSeq: row.eventSeq as number, job: jobOf(row) } : null;
