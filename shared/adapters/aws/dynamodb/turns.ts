// Granting turns, and beats of the attempts that have one.
import { due, granted } from "../../../domain/begin.ts";
import { newId } from "../../../domain/ids.ts";
import type { Beat, Turn, TurnsAsk } from "../../../ports/store.ts";
import { TRIES } from "./effects.ts";
import { bodyKey, jobKey, timeIndex } from "./keys.ts";
import { bestWaiting } from "./lanes.ts";
import type { Parts } from "./parts.ts";
import type { StoredJob } from "./stored-job.ts";
import { inTurn } from "./table.ts";
import { Transaction } from "./transaction.ts";

/** Waiting jobs whose time is over are ended by whoever looks after what is due; so many of them hide nobody behind them. */
const LATE_MAX = 500;
const GRANTED_AT_ONCE = 10;

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
  const bodies = await parts.table.getAll(turns.map(({ uid }) => bodyKey(uid)));
  return turns.map(({ job }, index) => ({ job, spec: bodies[index]!.spec as string, params: bodies[index]!.params as string }));
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
async function grant({ table, writes }: Parts, before: StoredJob, ask: TurnsAsk): Promise<StoredJob | null> {
  const decision = granted(before.job, newId("attempt"), ask.now, ask.leaseUntil, ask.announce);
  const tx = new Transaction();
  writes.replace(tx, before, decision);
  return (await table.transact(tx)).length === 0 ? { ...before, job: decision.job } : null;
}

export async function touch(parts: Parts, beats: readonly Beat[]): Promise<string[]> {
  const uids = await parts.jobs.uidsOf(beats.map(({ job }) => job));
  const areCurrent = await inTurn(beats, GRANTED_AT_ONCE, (beat) => isCurrent(parts, beat, uids[beats.indexOf(beat)]!));
  return beats.filter((_, index) => !areCurrent[index]).map(({ attemptId }) => attemptId);
}

async function isCurrent({ table }: Parts, { attemptId, leaseUntil, progress }: Beat, uid: string | null): Promise<boolean> {
  if (uid === null) return false;
  const set = {
    lease: leaseUntil ?? undefined,
    ...timeIndex("DUE", leaseUntil, uid),
    ...(progress && { progress: JSON.stringify(progress) }),
  };
  for (const st of ["running", "starting"]) {
    if (await table.update(jobKey(uid), { set }, { is: { attempt: attemptId, st } })) return true;
  }
  return false;
}
