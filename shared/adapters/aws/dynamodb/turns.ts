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
const LATE_MAX = 200;
const GRANTED_AT_ONCE = 10;

export async function takeTurns(parts: Parts, ask: TurnsAsk): Promise<Turn[]> {
  return (await Promise.all(ask.lanes.map(({ lane, max }) => turnsOf(parts, lane, max, ask)))).flat();
}

async function turnsOf(parts: Parts, lane: string, max: number, ask: TurnsAsk): Promise<Turn[]> {
  const turns: StoredJob[] = [];
  for (let tries = 0; tries < TRIES && turns.length < max; tries++) {
    const waiting = await bestWaiting(parts.table, lane, max - turns.length + LATE_MAX);
    const stored = await parts.jobs.byUids(waiting.slice(0, max - turns.length + LATE_MAX));
    const inTime = stored.filter((found) => found !== null).filter(({ job }) => job.state === "queued" && job.lane === lane && due(job, ask.now) === null);
    const wanted = inTime.slice(0, max - turns.length);
    if (wanted.length === 0) break;
    const taken = await inTurn(wanted, GRANTED_AT_ONCE, (before) => grant(parts, before, ask));
    turns.push(...taken.filter((turn) => turn !== null));
  }
  const bodies = await parts.table.getAll(turns.map(({ uid }) => bodyKey(uid)));
  return turns.map(({ job }, index) => ({ job, spec: bodies[index]!.spec as string, params: bodies[index]!.params as string }));
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
  const set = { lease: leaseUntil ?? undefined, ...timeIndex("DUE", leaseUntil, uid), ...(progress && { progress: JSON.stringify(progress) }) };
  for (const st of ["running", "starting"]) {
    if (await table.update(jobKey(uid), { set }, { is: { attempt: attemptId, st } })) return true;
  }
  return false;
}
