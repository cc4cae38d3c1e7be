// Any sequence of commands keeps the state diagram of ARCHITECTURE.md.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../events/catalogue.ts";
import { settled, started, type Outcome } from "../../shared/domain/attempt.ts";
import { due, granted, startedByHand, submitted, unblocked } from "../../shared/domain/begin.ts";
import { isRefused, type Decision, type Refused } from "../../shared/domain/decision.ts";
import { holdsTurn, isFinished, wakeAt, type Job, type JobState } from "../../shared/domain/job.ts";
import { noRetry } from "../../shared/domain/retry.ts";
import {
  cancelRequested,
  completedByHand,
  failedByHand,
  paused,
  reservedAgain,
  resumed,
  retriedByHand,
  revived,
} from "../../shared/domain/steer.ts";

/** Who may follow whom; several steps of one write count as one. */
const diagram: Record<JobState, readonly JobState[]> = {
  created: ["blocked", "delayed", "queued", "paused", "cancelled", "completed", "failed"],
  blocked: ["delayed", "queued", "paused", "cancelled", "completed", "failed"],
  delayed: ["queued", "paused", "cancelled", "completed", "failed"],
  queued: ["starting", "paused", "cancelled", "completed", "failed"],
  starting: ["starting", "running", "queued", "delayed", "completed", "failed", "cancelled"],
  running: ["running", "queued", "delayed", "completed", "failed", "cancelled"],
  paused: ["created", "blocked", "delayed", "queued", "cancelled", "completed", "failed"],
  completed: ["created"],
  failed: ["queued", "blocked", "created"],
  cancelled: ["queued", "blocked", "created"],
};

type Command = (job: Job, now: number, pick: number) => Decision | Refused | null;
const error = { code: "function.threw", message: "no", retryable: true };
const outcomes: readonly Outcome[] = [
  { result: "1" },
  { failure: error },
  { failure: { ...error, retryable: false } },
  { lost: "gone" },
  { stopped: true },
  { returned: true },
];

const commands: Record<string, Command> = {
  start: startedByHand,
  unblock: (job, now, pick) =>
    job.state === "blocked" ? unblocked(job, pick % 2 === 0 ? null : { skipped: pick % 3 === 0, parent: "p" }, now) : null,
  due: (job, now) => due(job, now),
  grant: (job, now, pick) => (job.state === "queued" ? granted(job, `att_${now}`, now, null, pick % 2 === 0) : null),
  begin: (job, now) => (job.state === "starting" ? started(job, job.executor, now, null) : null),
  settle: (job, now, pick) => {
    const outcome = outcomes[pick % outcomes.length]!;
    if (!holdsTurn(job) || ("returned" in outcome && job.state === "running")) return null;
    return settled(job, { outcome, startedAt: pick % 2 === 0 ? now : null, now, chance: (pick % 100) / 100 });
  },
  cancel: cancelRequested,
  pause: paused,
  resume: resumed,
  retry: retriedByHand,
  revive: revived,
  reserve: reservedAgain,
  complete: completedByHand,
  fail: (job, now) => failedByHand(job, error, now),
};

const retry = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 4 }),
  maxLosses: fc.integer({ min: 0, max: 2 }),
  delayMs: fc.constantFrom(0, 50),
});
const life = fc.record({
  retry,
  hasDependencies: fc.boolean(),
  autoStart: fc.boolean(),
  notBefore: fc.option(fc.integer({ min: 0, max: 50 })),
  expiresAt: fc.option(fc.integer({ min: 1, max: 80 })),
  deadlineAt: fc.option(fc.integer({ min: 1, max: 80 })),
  steps: fc.array(fc.record({ command: fc.constantFrom(...Object.keys(commands)), pick: fc.nat(1000), pass: fc.nat(20) }), {
    maxLength: 40,
  }),
});

const newJob = (given: Partial<Parameters<typeof submitted>[0]> = {}): Decision =>
  submitted({ id: "j", type: "function", executor: "node", createdAt: 0, retry: noRetry, ...given });

/** Runs the commands one after the other and shows each step. */
function live(
  { steps, retry: policy, ...given }: { steps: readonly { command: string; pick: number; pass: number }[]; retry: object } & object,
  see: (before: Job, after: Decision) => void,
): Decision[] {
  const decisions = [newJob({ ...given, retry: { ...noRetry, ...policy } })];
  let now = 0;
  for (const { command, pick, pass } of steps) {
    now += pass;
    const before = decisions.at(-1)!.job;
    const answer = commands[command]!(before, now, pick);
    if (answer === null || isRefused(answer)) continue;
    see(before, answer);
    decisions.push(answer);
  }
  return decisions;
}

describe("a job", () => {
  test("moves only along the state diagram, whatever is asked of it in whatever order", () => {
    fc.assert(
      fc.property(life, (given) => {
        live(given, (before, { job }) => {
          if (before.state !== job.state) expect(diagram[before.state], `${before.state} → ${job.state}`).toContain(job.state);
          expect(job.version).toBe(before.version + 1);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("has exactly one end event in each life", () => {
    fc.assert(
      fc.property(life, (given) => {
        let ends = 0;
        for (const { facts, job } of live(given, () => {})) {
          for (const { type } of facts) {
            if (type === "job.retried" || type === "job.blocked") ends = 0;
            if (type === "job.completed" || type === "job.failed" || type === "job.cancelled") ends++;
          }
          expect(ends).toBe(isFinished(job) ? 1 : 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("never fails by itself more often than maxAttempts, and is never lost more often than it may be", () => {
    fc.assert(
      fc.property(life, (given) => {
        for (const { job } of live(given, () => {})) {
          expect(job.failures).toBeLessThanOrEqual(job.retry.maxAttempts);
          expect(job.losses).toBeLessThanOrEqual(job.retry.maxLosses + 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("tells only events of the catalogue, in their shapes", () => {
    const schemas = new Map(catalogue.map((entry) => [entry.type as string, entry.data]));
    fc.assert(
      fc.property(life, (given) => {
        for (const { facts } of live(given, () => {}))
          for (const { type, data } of facts) expect(schemas.get(type)!.parse(data)).toEqual(data);
      }),
    );
  });

  test("holds its turn only with an attempt's id, and waits only without a finish", () => {
    fc.assert(
      fc.property(life, (given) => {
        for (const { job } of live(given, () => {})) {
          if (holdsTurn(job)) expect(job.attemptId).not.toBeNull();
          expect(job.finishedAt !== null).toBe(isFinished(job));
        }
      }),
    );
  });

  test("that has to be looked at by the clock always moves when it is, so that no timer spins", () => {
    fc.assert(
      fc.property(life, (given) => {
        for (const { job } of live(given, () => {})) {
          const at = wakeAt(job);
          if (at !== null) expect(due(job, at)).not.toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });

  const S_RUNNING = started(granted(newJob().job, "att_1", 1, null).job, "node", 1, null).job;

  test("that is stopped for a cancel is cancelled, not failed", () => {
    const asked = cancelRequested(S_RUNNING, 2) as Decision;
    expect(asked.job.state).toBe("running");
    expect(settled(asked.job, { outcome: { stopped: true }, startedAt: 1, now: 3, chance: 0 }).job).toMatchObject({
      state: "cancelled",
      endReason: { code: "cancelled_by_user" },
    });
  });

  test("that was done before its cancel reached it is completed", () => {
    const asked = cancelRequested(S_RUNNING, 2) as Decision;
    expect(settled(asked.job, { outcome: { result: "1" }, startedAt: 1, now: 3, chance: 0 }).job.state).toBe("completed");
  });

  test("that is lost before its start was written pays nothing the first time, and pays the second time", () => {
    const retryless = { ...noRetry, maxLosses: 0 };
    const first = settled(granted(newJob({ retry: retryless }).job, "att_1", 1, null).job, {
      outcome: { lost: "crash" },
      startedAt: null,
      now: 2,
      chance: 0,
    });
    expect(first.job).toMatchObject({ state: "queued", losses: 0 });
    const second = settled(granted(first.job, "att_2", 3, null).job, { outcome: { lost: "crash" }, startedAt: null, now: 4, chance: 0 });
    expect(second.job).toMatchObject({ state: "failed", losses: 1, error: { code: "executor.lost" } });
  });

  test("whose turn is returned keeps its age and its attempt number", () => {
    const turn = granted(newJob().job, "att_1", 9, null).job;
    expect(settled(turn, { outcome: { returned: true }, startedAt: null, now: 10, chance: 0 })).toMatchObject({
      job: { state: "queued", age: 0, attempt: 0 },
      facts: [],
    });
  });

  test("with a deadline is not retried past it", () => {
    const policy = { ...noRetry, maxAttempts: 5, delayMs: 100, jitter: "none" as const };
    const running = granted(newJob({ deadlineAt: 50, retry: policy }).job, "att_1", 1, null).job;
    expect(settled(running, { outcome: { failure: error }, startedAt: 1, now: 10, chance: 0 }).job.state).toBe("failed");
  });

  test("waits as long as its own RetryAfterError asks", () => {
    const running = granted(newJob({ retry: { ...noRetry, maxAttempts: 2 } }).job, "att_1", 1, null).job;
    expect(
      settled(running, { outcome: { failure: { ...error, retryAfterMs: 30_000 } }, startedAt: 1, now: 10, chance: 0 }).job,
    ).toMatchObject({ state: "delayed", dueAt: 30_010 });
  });

  test("retried by hand begins with a fresh budget", () => {
    const failed = failedByHand(S_RUNNING, error, 5) as Decision;
    expect(retriedByHand({ ...failed.job, failures: 3, losses: 2 }, 6)).toMatchObject({
      job: { state: "queued", failures: 0, losses: 0, error: null },
    });
  });
});
