// The writes of the port. Each runs inside a savepoint of its batch's transaction.
import type { Fact } from "../../../../events/catalogue.ts";
import { due, granted } from "../../../domain/begin.ts";
import { isFinished } from "../../../domain/job.ts";
import type { JsonText } from "../../../domain/json.ts";
import { newId } from "../../../domain/ids.ts";
import type { StoredWorkflow } from "../../../domain/workflow/definition.ts";
import type { Beat, Change, Committed, Turn, TurnsAsk } from "../../../ports/store.ts";
import { evaluate, releaseDependants, reviveDependants } from "./dependants.ts";
import { jobColumns } from "./job-values.ts";
import { jobOfValues } from "./rows.ts";
import type { ToldWrite } from "./wire.ts";
import type { StoredJob, Work } from "./work.ts";

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
  return bestInTime(work, lane, max, ask.now).map(({ stored, spec, params }) => {
    const decision = granted(stored.job, newId("attempt"), ask.now, ask.leaseUntil, ask.announce);
    work.granted(stored, decision);
    return { job: decision.job, spec, params };
  });
}

/** Waiting jobs whose time is over are ended by whoever looks after what is due; so many of them hide nobody behind them. */
const LATE_MAX = 2000;

interface Waiting {
  readonly stored: StoredJob;
  readonly spec: JsonText;
  readonly params: JsonText;
}

function bestInTime(work: Work, lane: string, max: number, now: number): Waiting[] {
  for (let limit = max; ; limit = limit * 2 + 100) {
    const rows = work.sql.bestWaiting.all(lane, limit) as unknown as unknown[][];
    const inTime = rows.map(waitingOf).filter(({ stored }) => due(stored.job, now) === null);
    if (inTime.length >= max || rows.length < limit || limit - max > LATE_MAX) return inTime.slice(0, max);
  }
}

function waitingOf(values: unknown[]): Waiting {
  const [n, eventSeq, spec, params] = values.splice(jobColumns.length) as [number, number, JsonText, JsonText];
  return { stored: { n, eventSeq, job: jobOfValues(values) }, spec, params };
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
  tellGroup(work, `workflow:${name}`, eventsBefore(version), facts, createdAt);
  return { ok: true };
}

/** Each version is stored once and removed at most once: two events. */
const eventsBefore = (version: number): number => 2 * (version - 1);

export function removeWorkflow(work: Work, name: string, now: number): boolean {
  const row = work.sql.removeWorkflow.get(now, name);
  if (!row) return false;
  tellGroup(work, `workflow:${name}`, eventsBefore(row.version as number) + 1, [{ type: "workflow.deleted", data: { name } }], now);
  return true;
}
