// The writes of the port. Each runs inside a savepoint of its batch's transaction.
import type { Fact } from "../../../../events/catalogue.ts";
import { due, granted } from "../../../domain/begin.ts";
import { isFinished, type Job } from "../../../domain/job.ts";
import { newId } from "../../../domain/ids.ts";
import type { StoredWorkflow } from "../../../domain/workflow/definition.ts";
import type { Beat, Change, Committed, Turn, TurnsAsk } from "../../../ports/store.ts";
import { evaluate, releaseDependants, reviveDependants } from "./dependants.ts";
import { jobOf, type Row } from "./rows.ts";
import type { ToldWrite } from "./wire.ts";
import type { Work } from "./work.ts";

export const WRITES_PER_CHANGE = 90;

const changed: Committed = { ok: false, because: "changed" };

/** Thrown to undo what an operation wrote before it met a conflict; becomes its answer. */
export class Conflict extends Error {
  readonly answer: unknown;
  constructor(answer: unknown) {
    super("conflict");
    this.answer = answer;
  }
}

export function commit(work: Work, jobs: readonly ToldWrite[], groups: NonNullable<Change["groups"]>): Committed {
  // SQLite could take more; what fits here fits every store.
  if (jobs.length + groups.length > WRITES_PER_CHANGE) throw new Error(`a change of more than ${WRITES_PER_CHANGE} writes`);
  for (const write of jobs) {
    const after = work.update(write);
    if (!after) throw new Conflict(changed);
    if (isFinished(after.job)) releaseDependants(work, after, after.job.finishedAt ?? 0);
  }
  for (const { group, facts } of groups) {
    const row = work.sql.updateGroup.get(
      group.state, group.finishedAt, group.cancelRequestedAt, group.version, facts.length, group.id, group.version - 1,
    ); // prettier-ignore
    if (!row) throw new Conflict(changed);
    tellGroup(work, group.id, Number(row.eventSeq) - facts.length, facts, group.finishedAt ?? Date.now());
  }
  return work.answer();
}

export function tellGroup(work: Work, id: string, seq: number, facts: readonly Fact[], at: number): void {
  facts.forEach((fact, index) => work.sql.insertEvent.run(null, id, seq + index + 1, fact.type, at, JSON.stringify(fact.data)));
}

export function takeTurns(work: Work, ask: TurnsAsk): Turn[] {
  return ask.lanes.flatMap(({ lane, max }) => turnsOf(work, lane, max, ask));
}

function turnsOf(work: Work, lane: string, max: number, ask: TurnsAsk): Turn[] {
  return bestInTime(work, lane, max, ask.now).map(({ row, job }) => {
    const decision = granted(job, newId("attempt"), ask.now, ask.leaseUntil, ask.announce);
    work.granted({ n: row.n as number, eventSeq: row.eventSeq as number, job }, decision);
    return { job: decision.job, spec: row.spec as string, params: row.params as string };
  });
}

/** Waiting jobs whose time is over are ended by whoever looks after what is due; so many of them hide nobody behind them. */
const LATE_MAX = 2000;

function bestInTime(work: Work, lane: string, max: number, now: number): { row: Row; job: Job }[] {
  for (let limit = max; ; limit = limit * 2 + 100) {
    const rows = work.sql.bestWaiting.all(lane, limit);
    const inTime = rows.map((row) => ({ row, job: jobOf(row) })).filter(({ job }) => due(job, now) === null);
    if (inTime.length >= max || rows.length < limit || limit - max > LATE_MAX) return inTime.slice(0, max);
  }
}

export function release(work: Work, parent: string, now: number): Committed {
  const found = work.read(parent);
  if (found) releaseDependants(work, found, now);
  return work.answer();
}

export function evaluateAgain(work: Work, id: string, now: number): Committed {
  const found = work.read(id);
  const moved = found && evaluate(work, found.n, now);
  if (moved && isFinished(moved.job)) releaseDependants(work, moved, now);
  return work.answer();
}

export function revive(work: Work, parent: string, now: number): Committed {
  const found = work.read(parent);
  if (found && !isFinished(found.job)) reviveDependants(work, found, now);
  return work.answer();
}

export function touch(work: Work, beats: readonly Beat[]): string[] {
  return beats.filter((beat) => !isCurrent(work, beat)).map((beat) => beat.attemptId);
}

function isCurrent(work: Work, { job, attemptId, leaseUntil, progress }: Beat): boolean {
  const row = work.sql.beat.get(leaseUntil, job, attemptId);
  if (!row) return false;
  if (progress) work.sql.putProgress.run(row.n as number, JSON.stringify(progress));
  return true;
}

export function putWorkflow(work: Work, workflow: StoredWorkflow, facts: readonly Fact[]): { ok: boolean } {
  const { name, version, createdAt, definition } = workflow;
  if (work.sql.insertWorkflow.run(name, version, createdAt, definition).changes === 0) return { ok: false };
  work.sql.putWorkflowHead.run(name, version);
  tellGroup(work, `workflow:${name}`, version - 1, facts, createdAt);
  return { ok: true };
}

export function removeWorkflow(work: Work, name: string, now: number): boolean {
  return work.sql.removeWorkflow.run(now, name).changes > 0;
}
