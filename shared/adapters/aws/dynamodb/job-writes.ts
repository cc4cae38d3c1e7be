// What one decision about a job writes: one item, for most jobs.
import { randomUUID } from "node:crypto";
import type { Decision } from "../../../domain/decision.ts";
import { bucketOf } from "../../../domain/group.ts";
import { isEnd, isFinished, type Job } from "../../../domain/job.ts";
import { absent, where, type Condition, type Item } from "./expression.ts";
import { fitted, following, packed } from "./kept-events.ts";
import {
  bodyKey, fixedIndexes, idKey, isInPoolLane, jobKey, keepsSlot, laneKey, movingIndexes, olderEventsKey, resultKey, slotKey, tagKey, tallyKey,
  unreleasedKey, waitedKey, type Key,
} from "./keys.ts"; // prettier-ignore
import type { NewRecord } from "../../../ports/store.ts";
import type { Placed } from "./placed.ts";
import { isPlain, jobAttributes, keptUntil, ulidIdOf, type StoredJob } from "./stored-job.ts";
import { TTL_ATTRIBUTE } from "./table-definition.ts";
import type { Transaction } from "./transaction.ts";

/** How many jobs of a group are not removed yet; counted beside the tally. */
export const KEPT = "kept";

export const groupsOf = (job: Pick<Job, "batchId" | "runId">): string[] => [job.batchId, job.runId].filter((group) => group !== null);
export const talliesOf = (tx: Transaction, job: Job): Key[] => groupsOf(job).map((group) => tallyKey(group, tx.counter));

interface More {
  readonly result?: Placed | null | undefined;
  /** The place in its pool that it gets. */
  readonly slot?: number;
  readonly reopened?: number;
  /** What else must not have changed. */
  readonly also?: Condition["is"];
}

export interface NewJobItems {
  readonly record: Pick<NewRecord, "job" | "facts" | "body">;
  readonly uid: string;
  readonly placed: Placed;
  readonly hasOut: boolean;
}

export const hasOwnId = ({ job }: NewJobItems["record"], uid: string): boolean => job.id !== ulidIdOf(uid);

/** The job's own item. */
export function newItem({ record, uid, placed, hasOut }: NewJobItems): Item {
  const { job, facts, body } = record;
  return {
    ...jobAttributes(job), ...fixedIndexes(job, uid), ...movingIndexes(job, uid, null), ...placed.inJob,
    e: following(undefined, facts, job.createdAt).map(packed), id: hasOwnId(record, uid) ? job.id : undefined,
    tags: body.tags.length > 0 ? [...new Set(body.tags)] : undefined, hasOut: hasOut || undefined,
  }; // prettier-ignore
}

/** Items of a new job beside its own. */
export function itemsBeside({ record, uid, placed }: NewJobItems): (Key & Item)[] {
  const tags = [...new Set(record.body.tags)].map((tag): Key & Item => ({ ...tagKey(tag, uid) }));
  return placed.apart ? [...tags, { ...placed.apart, ...bodyKey(uid) }] : tags;
}

export function insertJob(tx: Transaction, made: NewJobItems): void {
  const { record, uid } = made;
  const { job } = record;
  if (hasOwnId(record, uid)) tx.put(idKey(job.id), { uid }, absent);
  tx.put(jobKey(uid), newItem(made), absent);
  for (const { pk, sk, ...item } of itemsBeside(made)) tx.put({ pk, sk }, item);
  waitInLane(tx, job, uid);
  countInGroups(tx, null, job);
}

export function waitInLane(tx: Transaction, job: Job, uid: string): void {
  if (job.state !== "queued") return;
  tx.put(laneKey(job, uid), { uid });
  if (isInPoolLane(job)) tx.announce(waitedKey(job.pool!));
}

/** Fenced by the version, and by what else the decision was made on. Answers the job as it is stored then. */
export function replaceJob(tx: Transaction, before: StoredJob, { job, facts }: Decision, more: More = {}): StoredJob {
  const { uid } = before;
  const { kept, older } = fitted(before.events, following(before.events.at(-1), facts, job.updatedAt));
  const isSlotFreed = before.slot !== null && !keepsSlot(job);
  const livesAgain = isFinished(before.job) && !isFinished(job);
  const set: Item = {
    ...jobAttributes(job), ...retention({ ...before, job }), e: kept.map(packed),
    ...(more.slot !== undefined ? { slot: more.slot } : isSlotFreed ? { slot: undefined } : {}),
    ...(more.reopened !== undefined && { reopened: more.reopened }), ...(more.result ?? (livesAgain ? NO_RESULT : null))?.inJob,
  }; // prettier-ignore
  tx.update(
    jobKey(uid),
    { set },
    where({ v: before.job.version, hasOut: before.hasOut || undefined, isGone: undefined, graph: undefined, ...more.also }),
  );
  if (older.length > 0) tx.put(olderEventsKey(uid, older[0]!.seq), { e: older.map(packed) });
  moveLanes(tx, before, job);
  if (isSlotFreed) tx.delete(slotKey(job.pool!, before.slot!));
  if (more.slot !== undefined) tx.put(slotKey(job.pool!, more.slot), { uid }, absent);
  if (more.result?.apart) tx.put(resultKey(uid), more.result.apart);
  else if (livesAgain && before.isResultApart) tx.delete(resultKey(uid));
  if (before.hasOut && isEnd(job.state) && !isFinished(before.job)) tx.put(unreleasedKey(uid), { mark: randomUUID() });
  countInGroups(tx, before.counted, job);
  return {
    ...before, job, counted: job, events: kept, slot: more.slot ?? (isSlotFreed ? null : before.slot),
    reopened: more.reopened ?? before.reopened, goneAt: set[TTL_ATTRIBUTE] === undefined ? null : keptUntil(job),
    isResultApart: more.result ? more.result.apart !== null : before.isResultApart && !livesAgain,
  }; // prettier-ignore
}

const NO_RESULT = { inJob: { result: undefined, isResultApart: undefined } };

/** Where it is found, and how it goes: by itself, or swept away with whatever names it. */
export function retention(stored: Pick<StoredJob, "uid" | "job" | "hasOwnId" | "tags" | "hasOut">): Item {
  const until = keptUntil(stored.job);
  const isForgotten = until !== null && isPlain(stored);
  return {
    ...movingIndexes(stored.job, stored.uid, isForgotten ? null : until),
    [TTL_ATTRIBUTE]: isForgotten ? Math.ceil(until / 1000) : undefined,
  };
}

function moveLanes(tx: Transaction, { uid, job: before }: StoredJob, after: Job): void {
  const [from, to] = [before, after].map((job) => (job.state === "queued" ? laneKey(job, uid) : null));
  if (from?.pk === to?.pk && from?.sk === to?.sk) return;
  if (from) tx.delete(from);
  waitInLane(tx, after, uid);
}

/** The tallies of its groups. All jobs are counted by whoever reads the table's stream. */
export function countInGroups(tx: Transaction, before: StoredJob["counted"] | null, after: Job): void {
  const from = before && bucketOf(before);
  const to = bucketOf(after);
  if (from === to) return;
  for (const key of talliesOf(tx, after)) {
    if (from) tx.add(key, from, -1);
    tx.add(key, to, 1);
    if (!before) tx.add(key, KEPT, 1);
  }
}
