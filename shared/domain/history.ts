// Attempts as users see them: a reading of the job's own events, so that nothing is stored twice.
import type { Fact } from "../../events/catalogue.ts";
import type { Job, JobError } from "./job.ts";

/** An event as stored: `seq` counts a subject's events without gaps, `id` orders all of them. */
export interface StoredEvent {
  readonly id: string;
  readonly seq: number;
  readonly type: Fact["type"];
  readonly at: number;
  readonly jobId: string | null;
  readonly batchId: string | null;
  readonly runId: string | null;
  readonly data: Fact["data"];
}

export interface Attempt {
  readonly id: string;
  readonly number: number;
  readonly executor: string;
  readonly state: "starting" | "running" | "completed" | "failed" | "cancelled" | "lost";
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly exitCode: number | null;
  readonly error: JobError | null;
  readonly lost: string | null;
}

/** Oldest first. Events of one job in order; the job tells of an attempt that nothing was written about yet. */
export function attemptsOf(job: Job, events: readonly StoredEvent[]): Attempt[] {
  const attempts = new Map<number, Attempt>();
  const put = (number: number, changes: Partial<Attempt>) =>
    attempts.set(number, { ...(attempts.get(number) ?? blank(job, number)), ...changes });
  for (const event of events) tell(event, put);
  if (job.attempt > 0 && job.attemptId && !attempts.has(job.attempt)) put(job.attempt, { id: job.attemptId });
  return [...attempts.values()].toSorted((a, b) => a.number - b.number);
}

const blank = (job: Job, number: number): Attempt => ({
  id: number === job.attempt ? (job.attemptId ?? "") : "", number, executor: job.executor, state: "starting",
  startedAt: null, endedAt: null, exitCode: null, error: null, lost: null,
}); // prettier-ignore

function tell(event: StoredEvent, put: (number: number, changes: Partial<Attempt>) => void): void {
  const fact = { type: event.type, data: event.data } as Fact;
  switch (fact.type) {
    case "job.starting":
      return put(fact.data.attempt, { id: fact.data.attemptId });
    case "job.started":
      return put(fact.data.attempt, { id: fact.data.attemptId, executor: fact.data.executor, state: "running", startedAt: event.at });
    case "attempt.failed":
      return put(fact.data.attempt, {
        id: fact.data.attemptId, state: "failed", endedAt: event.at, error: fact.data.error, exitCode: fact.data.exitCode ?? null,
      }); // prettier-ignore
    case "attempt.lost":
      return put(fact.data.attempt, { id: fact.data.attemptId, state: "lost", endedAt: event.at, lost: fact.data.reason });
    case "job.completed":
      if (fact.data.attempt === 0) return;
      return put(fact.data.attempt, { state: "completed", endedAt: event.at, exitCode: fact.data.exitCode ?? null });
    case "job.failed":
      if (fact.data.attempt === 0) return;
      return put(fact.data.attempt, { state: "failed", endedAt: event.at, error: fact.data.error });
  }
}
