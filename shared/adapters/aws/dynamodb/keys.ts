/*
 * One table. Every access pattern and its key; strong reads unless it says "index" (eventual, a hint that is read again).
 * `uid` is a job's internal ULID: users may delete an id and use it again, keys may not.
 *
 *   job by id                 ID#<id> / ID                    → uid (and `graph` while it is staged)
 *   job, body, result         J#<uid> / A#JOB, A#BODY, A#RESULT
 *   history of a job          J#<uid> / E#<event id>
 *   what it waits for         J#<uid> / IN#O#<parent uid>     open;  IN#R#<parent uid> resolved
 *   who waits for it          J#<uid> / OUT#O#<child uid>     open;  OUT#R#<child uid> resolved
 *   waiting in a lane         LANE#<lane>#<shard> / <rank>#<uid>
 *   ended, dependants to tell UNRELEASED / <uid>
 *   pool's limit, slots       P#<pool> / LIMIT, SLOT#<number>
 *   jobs with a tag           TAG#<tag>#<shard> / <uid>
 *   jobs by state, group …    index byAll, byState, byBatch, byRun, byName, byFunction: <value>#<shard> / uid
 *   due or to be removed      index byTime: DUE#<shard> or PURGE#<shard> / <time>#<uid>
 *   group, tallies, history   G#<id> / GROUP, TALLY#<shard>, E#<event id>
 *   groups by kind, open ones GROUPS#<kind> / <order>;  OPENGROUPS / <order>
 *   all events                index byFeed: F#<day>#<shard> / eid;  days with events: FEED / <day>
 *   counts of all jobs        COUNTS / <shard>
 *   workflows                 WORKFLOWS / <name> (latest);  W#<name> / V#<version>, E#<event id>
 *   idempotency keys          KEY#<key> / KEY
 *   graphs being written      GRAPHS / <graph>;  GRAPH#<graph> / COMMIT, M#<chunk>
 */
import { executorLane, isEnd, wakeAt, type Job } from "../../../domain/job.ts";

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** A partition takes 1,000 writes a second: what all jobs write is spread over so many. */
export const SHARDS = 4;
/** Counters meet in transactions, where two writers of one item get in each other's way. */
export const COUNTER_SHARDS = 16;

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** The last letter of an ULID is random, or one more than its neighbour's. */
export const shardOf = (uid: string): number => ALPHABET.indexOf(uid.at(-1) ?? "0") % SHARDS;
export const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
/** Where a transaction counts: only the sum over all shards says something. */
export const anyCounter = (): string => String(Math.floor(Math.random() * COUNTER_SHARDS)).padStart(2, "0");

export const padded = (number: number): string => String(Math.max(0, Math.floor(number))).padStart(15, "0");

export const idKey = (id: string): Key => ({ pk: `ID#${id}`, sk: "ID" });
export const jobPk = (uid: string): string => `J#${uid}`;
export const jobKey = (uid: string): Key => ({ pk: jobPk(uid), sk: "A#JOB" });
export const bodyKey = (uid: string): Key => ({ pk: jobPk(uid), sk: "A#BODY" });
export const resultKey = (uid: string): Key => ({ pk: jobPk(uid), sk: "A#RESULT" });
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

export const tagPk = (tag: string, shard: number): string => `TAG#${tag}#${shard}`;
export const tagKey = (tag: string, uid: string): Key => ({ pk: tagPk(tag, shardOf(uid)), sk: uid });

export const groupPk = (id: string): string => `G#${id}`;
export const groupKey = (id: string): Key => ({ pk: groupPk(id), sk: "GROUP" });
export const tallyKey = (id: string, counter: string): Key => ({ pk: groupPk(id), sk: `TALLY#${counter}` });
export const countsKey = (counter: string): Key => ({ pk: "COUNTS", sk: counter });

export const keyKey = (key: string): Key => ({ pk: `KEY#${key}`, sk: "KEY" });
export const workflowPk = (name: string): string => `W#${name}`;
export const versionKey = (name: string, version: number): Key => ({ pk: workflowPk(name), sk: `V#${padded(version)}` });
export const headKey = (name: string): Key => ({ pk: "WORKFLOWS", sk: name });

export const graphPk = (graph: string): string => `GRAPH#${graph}`;
export const graphKey = (graph: string): Key => ({ pk: "GRAPHS", sk: graph });
export const commitKey = (graph: string): Key => ({ pk: graphPk(graph), sk: "COMMIT" });

/** Attributes that put a job into the indexes; undefined = it is not in that one. An empty text cannot be a key. */
export function indexedBy(job: Job, uid: string): Record<string, string | undefined> {
  const shard = shardOf(uid);
  const by = (value: string | null) => (value ? `${value}#${shard}` : undefined);
  return {
    uid, allPk: by("ALL"), batchPk: by(job.batchId), runPk: by(job.runId), namePk: by(job.name), functionPk: by(job.functionName),
    ...movingIndexes(job, uid),
  }; // prettier-ignore
}

export function movingIndexes(job: Job, uid: string): Record<string, string | undefined> {
  const isToPurge = isEnd(job.state) && job.finishedAt !== null;
  const time = isToPurge ? job.finishedAt + job.retentionMs : wakeAt(job);
  return {
    statePk: `${job.state}#${shardOf(uid)}`,
    ...timeIndex(isToPurge ? "PURGE" : "DUE", time, uid),
  };
}

export const timeIndex = (kind: "DUE" | "PURGE", time: number | null, uid: string): Record<"timePk" | "timeSk", string | undefined> => ({
  timePk: time === null ? undefined : `${kind}#${shardOf(uid)}`,
  timeSk: time === null ? undefined : `${padded(time)}#${uid}`,
});

/** It is its executor's turn to start the job: the job holds its slot, if its pool has slots. */
export const isInExecutorLane = (job: Job): boolean => job.state === "queued" && job.lane === executorLane(job.executor);
