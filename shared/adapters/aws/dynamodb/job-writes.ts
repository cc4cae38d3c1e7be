// What one decision about a job writes, beside the job itself.
import { randomUUID } from "node:crypto";
import type { DatedFact, Decision } from "../../../domain/decision.ts";
import { bucketOf } from "../../../domain/group.ts";
import { holdsTurn, isEnd, isFinished, type Job } from "../../../domain/job.ts";
import type { JsonText } from "../../../domain/json.ts";
import { eventItem, eventKey, Ulids, type Subject } from "./event-items.ts";
import { where, type Condition, type Item } from "./expression.ts";
import {
  bodyKey, countsKey, idKey, indexedBy, isInExecutorLane, jobKey, jobPk, laneKey, movingIndexes, resultKey, slotKey, tagKey, tallyKey, unreleasedKey,
  type Key,
} from "./keys.ts"; // prettier-ignore
import type { JobBody } from "../../../ports/store.ts";
import { jobAttributes, type StoredJob } from "./stored-job.ts";
import { absent } from "./expression.ts";
import type { Transaction } from "./transaction.ts";

/** A slot is a job's own from its admission to the end of its attempt, also while it waits for its executor. */
const keepsSlot = (job: Job): boolean => holdsTurn(job) || isInExecutorLane(job);

/** How many jobs of a group are not removed yet; counted beside the tally. */
export const KEPT = "kept";

export const countersOf = (tx: Transaction, job: Job): Key[] => [
  countsKey(tx.counter),
  ...groupsOf(job).map((group) => tallyKey(group, tx.counter)),
];

export const groupsOf = (job: Job): string[] => [job.batchId, job.runId].filter((group) => group !== null);

interface More {
  readonly result?: JsonText | null | undefined;
  /** The place in its pool that it gets. */
  readonly slot?: number;
  readonly reopened?: number;
  /** What else must not have changed. */
  readonly also?: Condition["is"];
}

export class JobWrites {
  readonly #ulids: Ulids;

  constructor(ulids: Ulids) {
    this.#ulids = ulids;
  }

  /** The items of a new job that nobody can see before the rest of its graph. */
  insert(tx: Transaction, uid: string, { job, facts, body }: Decision & { readonly body: JobBody }, hasOut: boolean): void {
    tx.put(idKey(job.id), { uid }, absent);
    tx.put(jobKey(uid), { ...this.newItem(uid, job, hasOut), ...this.tell(tx, { pk: jobPk(uid), job }, null, 0, facts, job.createdAt) });
    tx.put(bodyKey(uid), { spec: body.spec, params: body.params, tags: body.tags });
    for (const tag of new Set(body.tags)) tx.put(tagKey(tag, uid), { uid });
    if (job.state === "queued") tx.put(laneKey(job, uid), { uid });
    this.count(tx, null, job);
  }

  newItem(uid: string, job: Job, hasOut: boolean): Item {
    return { id: job.id, ...jobAttributes(job), ...indexedBy(job, uid), events: 0, ...(hasOut && { hasOut }) };
  }

  /** Fenced by the version, and by what else the decision was made on. */
  replace(tx: Transaction, before: StoredJob, { job, facts }: Decision, more: More = {}): void {
    const { uid } = before;
    const isSlotFreed = before.slot !== null && !keepsSlot(job);
    const told = this.tell(tx, { pk: jobPk(uid), job }, before.lastEvent, before.events, facts, job.updatedAt);
    const slot = more.slot !== undefined ? { slot: more.slot } : isSlotFreed ? { slot: undefined } : {};
    tx.update(
      jobKey(uid),
      {
        set: {
          ...jobAttributes(job),
          ...movingIndexes(job, uid),
          ...told,
          ...slot,
          ...(more.reopened !== undefined && { reopened: more.reopened }),
        },
      },
      where({ v: before.job.version, hasOut: before.hasOut || undefined, isGone: undefined, graph: undefined, ...more.also }),
    );
    this.#moveLanes(tx, before, job);
    if (isSlotFreed) tx.delete(slotKey(job.pool!, before.slot!));
    if (more.slot !== undefined) tx.put(slotKey(job.pool!, more.slot), { uid }, absent);
    if (typeof more.result === "string") tx.put(resultKey(uid), { result: more.result });
    else if (isFinished(before.job) && !isFinished(job)) tx.delete(resultKey(uid));
    if (before.hasOut && isEnd(job.state) && !isFinished(before.job)) tx.put(unreleasedKey(uid), { mark: randomUUID() });
    this.count(tx, before.job, job);
  }

  #moveLanes(tx: Transaction, { uid, job: before }: StoredJob, after: Job): void {
    const [from, to] = [before, after].map((job) => (job.state === "queued" ? laneKey(job, uid) : null));
    if (from?.pk === to?.pk && from?.sk === to?.sk) return;
    if (from) tx.delete(from);
    if (to) tx.put(to, { uid });
  }

  count(tx: Transaction, before: Job | null, after: Job): void {
    const from = before && bucketOf(before);
    const to = bucketOf(after);
    if (from === to) return;
    for (const key of countersOf(tx, after)) {
      if (from) tx.add(key, from, -1);
      tx.add(key, to, 1);
    }
    if (!before) for (const group of groupsOf(after)) tx.add(tallyKey(group, tx.counter), KEPT, 1);
  }

  /** Answers how many events the subject has now, and which is the last. */
  tell(
    tx: Transaction,
    subject: Subject,
    last: string | null,
    count: number,
    facts: readonly DatedFact[],
    at: number,
  ): { events: number; lastEvent: string | undefined } {
    let lastEvent = last;
    facts.forEach((fact, index) => {
      lastEvent = this.#ulids.event(lastEvent);
      tx.put(eventKey(subject, lastEvent), eventItem(subject, lastEvent, count + index + 1, fact, at));
    });
    return { events: count + facts.length, lastEvent: lastEvent ?? undefined };
  }
}
