/*
 * One table. Every access pattern and its key; strong reads unless it says "index" (eventual, a hint that is read again).
 * `uid` is a job's internal ULID: that of its id, if we made the id. Users may delete an own id and use it again, keys may not.
 *
 *   job                       J#<uid> / A#JOB
 *   what is too large for it  J#<uid> / A#BODY, A#RESULT, E#<seq of the first of some older events>, L#… (logs)
 *   job by an own id          ID#<id> / ID                    → uid (and `graph` while it is staged)
 *   what it waits for         J#<uid> / IN#O#<parent uid>     open;  IN#R#<parent uid> resolved
 *   who waits for it          J#<uid> / OUT#O#<child uid>     open;  OUT#R#<child uid> resolved
 *   waiting in a lane         LANE#<lane>#<shard> / <rank>#<uid>
 *   ended, dependants to tell UNRELEASED / <uid>
 *   pool's limit, slots       P#<pool> / LIMIT, SLOT#<number>
 *   pools to look after       WAITED / <pool>
 *   jobs with a tag           TAG#<tag>#<shard> / J#<uid>
 *   jobs by group, name …     index byAll, byBatch, byRun, byName, byFunction: <value>#<shard> / J#<uid>
 *   jobs not completed        index byOpen: waiting, turn, failed or cancelled#<shard> / J#<uid>
 *   due or to be removed      index byTime: DUE#<shard> or PURGE#<shard> / <time>#<uid>
 *   group, tallies            G#<id> / GROUP, TALLY#<shard>
 *   groups by kind, open ones GROUPS#<kind> / <order>;  OPENGROUPS / <order>
 *   all events, all counts    FEED / <number>;  found by time: FEED#TIMES / <time>, FEED#LATE / <time>#<number>
 *   workflows                 WORKFLOWS / <name> (latest);  W#<name> / V#<version>
 *   idempotency keys          KEY#<key> / KEY
 *   graphs being written      GRAPHS / <graph>;  GRAPH#<graph> / COMMIT, M#<chunk>
 *   where a sweep goes on     SWEEP / CURSOR
 *
 * A plain job is its one item and its entries in byAll, byFunction (byName) and, until it is completed, byOpen.
 */
import { executorLane, holdsTurn, isWaiting, poolLane, wakeAt, type Job, type JobState } from "../../../domain/job.ts";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A partition takes 1,000 writes a second: what all jobs write is spread over so many. */
export const SHARDS = 4;
/** Counters meet in transactions, where two writers of one item get in each other's way. */
export const COUNTER_SHARDS = 16;

export const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** The last letter of an ULID is random, or one more than its neighbour's. */
export const shardOf = (uid: string): number => ALPHABET.indexOf(uid.at(-1) ?? "0") % SHARDS;
export const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
/** Where a transaction counts: only the sum over all shards says something. */
export const anyCounter = (): string => String(Math.floor(Math.random() * COUNTER_SHARDS)).padStart(2, "0");

export const padded = (number: number): string => String(Math.max(0, Math.floor(number))).padStart(15, "0");

export const idKey = (id: string): Key => ({ pk: `ID#${id}`, sk: "ID" });
export const jobPk = (uid: string): string => `J#${uid}`;
export const uidIn = (pk: unknown): string => String(pk).slice(jobPk("").length);
export const jobKey = (uid: string): Key => ({ pk: jobPk(uid), sk: "A#JOB" });
export const bodyKey = (uid: string): Key => ({ pk: jobPk(uid), sk: "A#BODY" });
export const resultKey = (uid: string): Key => ({ pk: jobPk(uid), sk: "A#RESULT" });
export const olderEventsKey = (uid: string, firstSeq: number): Key => ({ pk: jobPk(uid), sk: `E#${padded(firstSeq)}` });
export const inKey = (child: string, parent: string, isOpen: boolean): Key => ({
  pk: jobPk(child),
  sk: `IN#${isOpen ? "O" : "R"}#${parent}`,
});
export const outKey = (parent: string, child: string, isOpen: boolean): Key => ({
  pk: jobPk(parent),
  sk: `OUT#${isOpen ? "O" : "R"}#${child}`,
});
export const unreleasedKey = (uid: string): Key => ({ pk: "UNRELEASED", sk: uid });

export const lanePk = (lane: string, shard: number): string => `LANE#${lane}#${shard}`;
const HIGHEST_PRIORITY = 2 ** 31;
/** Sorts the more urgent first, then the older, then the earlier accepted. */
export const laneKey = (job: Job, uid: string): Key => ({
  pk: lanePk(job.lane, shardOf(uid)),
  sk: `${padded(HIGHEST_PRIORITY - job.priority)}#${padded(job.age)}#${uid}`,
});

export const poolPk = (pool: string): string => `P#${pool}`;
export const limitKey = (pool: string): Key => ({ pk: poolPk(pool), sk: "LIMIT" });
export const slotKey = (pool: string, slot: number): Key => ({ pk: poolPk(pool), sk: `SLOT#${String(slot).padStart(6, "0")}` });
export const waitedKey = (pool: string): Key => ({ pk: "WAITED", sk: pool });

export const tagPk = (tag: string, shard: number): string => `TAG#${tag}#${shard}`;
export const tagKey = (tag: string, uid: string): Key => ({ pk: tagPk(tag, shardOf(uid)), sk: jobPk(uid) });

export const groupPk = (id: string): string => `G#${id}`;
export const groupKey = (id: string): Key => ({ pk: groupPk(id), sk: "GROUP" });
export const tallyKey = (id: string, counter: string): Key => ({ pk: groupPk(id), sk: `TALLY#${counter}` });

export const keyKey = (key: string): Key => ({ pk: `KEY#${key}`, sk: "KEY" });
export const workflowPk = (name: string): string => `W#${name}`;
export const versionKey = (name: string, version: number): Key => ({ pk: workflowPk(name), sk: `V#${padded(version)}` });
export const WORKFLOWS = "WORKFLOWS";
export const headKey = (name: string): Key => ({ pk: WORKFLOWS, sk: name });

export const graphPk = (graph: string): string => `GRAPH#${graph}`;
export const graphKey = (graph: string): Key => ({ pk: "GRAPHS", sk: graph });
export const commitKey = (graph: string): Key => ({ pk: graphPk(graph), sk: "COMMIT" });

export const sweepKey: Key = { pk: "SWEEP", sk: "CURSOR" };

/** Attributes that put a job into the indexes for good; undefined = it is not in that one. An empty text cannot be a key. */
export function fixedIndexes(job: Job, uid: string): Record<string, string | undefined> {
  const by = (value: string | null) => (value ? `${value}#${shardOf(uid)}` : undefined);
  return { allPk: by("ALL"), batchPk: by(job.batchId), runPk: by(job.runId), namePk: by(job.name), functionPk: by(job.functionName) };
}

/** `purgeAt`: when a sweep is to remove it; null = it is not over, or DynamoDB forgets it by itself. */
export function movingIndexes(job: Job, uid: string, purgeAt: number | null): Record<string, string | undefined> {
  const kind = openClassOf(job.state);
  return {
    openPk: kind === null ? undefined : openPk(kind, shardOf(uid)),
    ...(purgeAt === null ? timeIndex("DUE", wakeAt(job), uid) : timeIndex("PURGE", purgeAt, uid)),
  };
}

/** Only by a sweep can it still be found. */
export const outOfLists = Object.fromEntries(
  ["allPk", "batchPk", "runPk", "namePk", "functionPk", "openPk"].map((attribute) => [attribute, undefined]),
);

/** A job moves between them, and so between entries of an index, three times at most: what costs is paid per move. */
export type OpenClass = "waiting" | "turn" | "failed" | "cancelled";

export function openClassOf(state: JobState): OpenClass | null {
  if (state === "completed") return null;
  if (state === "failed" || state === "cancelled") return state;
  return isWaiting({ state }) ? "waiting" : "turn";
}

export const openPk = (kind: OpenClass, shard: number): string => `${kind}#${shard}`;

export const timeIndex = (kind: "DUE" | "PURGE", time: number | null, uid: string): Record<"timePk" | "timeSk", string | undefined> => ({
  timePk: time === null ? undefined : `${kind}#${shardOf(uid)}`,
  timeSk: time === null ? undefined : `${padded(time)}#${uid}`,
});

/** It is its executor's turn to start the job: the job holds its slot, if its pool has slots. */
export const isInExecutorLane = (job: Job): boolean => job.state === "queued" && job.lane === executorLane(job.executor);
export const isInPoolLane = (job: Job): boolean => job.state === "queued" && job.pool !== null && job.lane === poolLane(job.pool);
/** A slot is a job's own from its admission to the end of its attempt, also while it waits for its executor. */
export const keepsSlot = (job: Job): boolean => holdsTurn(job) || isInExecutorLane(job);
