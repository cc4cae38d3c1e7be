// Granting turns, and beats of the attempts that have one.
import { due, granted } from "../../../domain/begin.ts";
import { newId } from "../../../domain/ids.ts";
import type { Beat, Turn, TurnsAsk } from "../../../ports/store.ts";
import { TRIES } from "./effects.ts";
import { where } from "./expression.ts";
import { replaceJob } from "./job-writes.ts";
import { ulidIn } from "./jobs.ts";
import { jobKey } from "./keys.ts";
import { bestWaiting } from "./lanes.ts";
import type { Parts } from "./parts.ts";
import type { StoredJob } from "./stored-job.ts";
import { inTurn } from "./table.ts";
import { jobFolder } from "./texts.ts";
import { Transaction } from "./transaction.ts";

/** Waiting jobs whose time is over are ended by whoever looks after what is due; so many of them hide nobody behind them. */
const LATE_MAX = 500;
const GRANTED_AT_ONCE = 10;
/** It is written again with every step of the job. */
const PROGRESS_IN_JOB_BYTES_MAX = 4096;

export async function takeTurns(parts: Parts, ask: TurnsAsk): Promise<Turn[]> {
  return (await Promise.all(ask.lanes.map(({ lane, max }) => turnsOf(parts, lane, max, ask)))).flat();
}

async function turnsOf(parts: Parts, lane: string, max: number, ask: TurnsAsk): Promise<Turn[]> {
  const turns: StoredJob[] = [];
  for (let tries = 0; tries < TRIES && turns.length < max; tries++) {
    const wanted = await bestInTime(parts, lane, max - turns.length, ask.now);
    if (wanted.length === 0) break;
    const taken = await inTurn(wanted, GRANTED_AT_ONCE, (before) => grant(parts, before, ask));
    turns.push(...taken.filter((turn) => turn !== null));
  }
  const bodies = await inTurn(turns, GRANTED_AT_ONCE, (turn) => parts.jobs.bodyOf(turn));
  // A turn without its texts would be of a job that is removed at this moment: nobody can begin it.
  return turns.flatMap(({ job }, index) => (bodies[index] ? [{ job, ...bodies[index] }] : []));
}

async function bestInTime({ table, jobs }: Parts, lane: string, max: number, now: number): Promise<StoredJob[]> {
  for (let limit = max; ; limit = limit * 2 + 20) {
    const waiting = await bestWaiting(table, lane, limit);
    const stored = (await jobs.byUids(waiting)).filter((found) => found !== null);
    const inTime = stored.filter(({ job }) => job.state === "queued" && job.lane === lane && due(job, now) === null);
    if (inTime.length >= max || waiting.length < limit || limit - max > LATE_MAX) return inTime.slice(0, max);
  }
}

/** Null for whoever came second. */
async function grant({ table, jobs }: Parts, before: StoredJob, ask: TurnsAsk): Promise<StoredJob | null> {
  const decision = granted(before.job, newId("attempt"), ask.now, ask.leaseUntil, ask.announce);
  const tx = new Transaction();
  const after = replaceJob(tx, before, decision);
  return (await table.transact(tx)).length === 0 ? jobs.remember(after) : null;
}

export async function touch(parts: Parts, beats: readonly Beat[]): Promise<string[]> {
  const areCurrent = await inTurn(beats, GRANTED_AT_ONCE, (beat) => isCurrent(parts, beat));
  return beats.filter((_, index) => !areCurrent[index]).map(({ attemptId }) => attemptId);
}

/** One write for an id that we made. */
async function isCurrent(parts: Parts, beat: Beat): Promise<boolean> {
  const ulid = ulidIn(beat.job);
  if (ulid !== null && (await beatOf(parts, beat, ulid))) return true;
  const stored = await parts.jobs.byId(beat.job);
  return stored !== null && stored.uid !== ulid && beatOf(parts, beat, stored.uid);
}

/** Large progress lies under its attempt's name: one that is over cannot overwrite what the current one told. */
async function beatOf({ table, texts }: Parts, { attemptId, leaseUntil, progress }: Beat, uid: string): Promise<boolean> {
  const told =
    progress && (await texts.store(`${jobFolder(uid)}progress-${attemptId}`, JSON.stringify(progress), PROGRESS_IN_JOB_BYTES_MAX));
  const set = {
    lease: leaseUntil ?? undefined,
    ...(told !== undefined && { progress: told, ...(typeof told !== "string" && { hasFiles: true }) }),
  };
  return table.update(jobKey(uid), { set }, where({ attempt: attemptId, st: ["running", "starting"] }));
}
