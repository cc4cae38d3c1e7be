// Jobs and events as items of DynamoDB: nothing is lost on the way, and little is stored.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitted, following, ofJob, packed, shown, unpacked } from "../../shared/adapters/aws/dynamodb/kept-events.ts";
import { jobKey } from "../../shared/adapters/aws/dynamodb/keys.ts";
import { jobAttributes, storedJobOf } from "../../shared/adapters/aws/dynamodb/stored-job.ts";
import { submitted } from "../../shared/domain/begin.ts";
import type { DatedFact } from "../../shared/domain/decision.ts";
import { jobStates, type Job } from "../../shared/domain/job.ts";
import { noRetry } from "../../shared/domain/retry.ts";

const UID = "01KAY0000000000000000000AA";
const time = fc.nat({ max: 2_000_000_000_000 });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const plain = submitted({ id: `job_${UID}`, type: "function", executor: "lambda", createdAt: 1_790_000_000_000, retry: noRetry }).job;

const jobs: fc.Arbitrary<Job> = fc
  .record(
    {
      type: fc.constantFrom("function" as const, "script" as const, "container" as const), name: orNull(fc.string()), functionName: orNull(fc.string()),
      executor: fc.string(), pool: orNull(fc.string()), batchId: orNull(fc.string()), runId: orNull(fc.string()), step: orNull(fc.string()), createdAt: time,
      retry: fc.record({ maxAttempts: fc.nat(), delayMs: fc.nat(), retryOn: orNull(fc.array(fc.string())) }).map((more) => ({ ...noRetry, ...more })),
      expiresAt: orNull(time), deadlineAt: orNull(time), notBefore: orNull(time), hasDependencies: fc.boolean(), retentionMs: time,
      state: fc.constantFrom(...jobStates), pausedFrom: orNull(fc.constantFrom(...jobStates)), dueAt: orNull(time), priority: fc.integer(),
      lane: fc.string(), age: time, attemptId: orNull(fc.string()), attempt: fc.nat(), failures: fc.nat(), losses: fc.nat(), lostInStarting: fc.boolean(),
      leaseUntil: orNull(time), queuedAt: orNull(time), startedAt: orNull(time), finishedAt: orNull(time), cancelRequestedAt: orNull(time), updatedAt: time,
      error: orNull(fc.record({ code: fc.string(), message: fc.string(), retryable: fc.boolean() })),
      endReason: orNull(fc.record({ code: fc.constant("expired" as const), message: fc.string() })), version: fc.nat(),
    },
    { requiredKeys: [] },
  )
  .map((changes) => ({ ...plain, ...changes })); // prettier-ignore

const asItem = (job: Job) => JSON.parse(JSON.stringify({ ...jobKey(UID), ...jobAttributes(job) })) as Record<string, unknown>;

describe("a job's item", () => {
  test("holds any job whole", () => {
    fc.assert(
      fc.property(jobs, (job) => {
        expect(storedJobOf(asItem(job))!.job).toEqual(job);
      }),
    );
  });

  test("holds of a plain job hardly more than what makes it this one", () => {
    const data = JSON.parse(jobAttributes(plain).data as string) as unknown;
    expect(data).toEqual({ executor: "lambda", createdAt: plain.createdAt, queuedAt: plain.createdAt });
  });
});

describe("a job's events", () => {
  const facts = fc.array(fc.record({ type: fc.constant("job.queued" as const), data: fc.constant({}), at: time }), { maxLength: 40 });
  const subject = ofJob(UID, plain);

  test("come back as they were", () => {
    fc.assert(
      fc.property(facts, (some) => {
        expect(following(undefined, some, 0).map(packed).map(unpacked)).toEqual(following(undefined, some, 0));
      }),
    );
  });

  test("have ids in the order of their numbers, whatever the clocks said", () => {
    fc.assert(
      fc.property(facts, (some) => {
        const ids = following(undefined, some, 0).map((event) => shown(subject, event).id);
        expect(ids).toEqual([...new Set(ids)].toSorted());
        for (const id of ids) expect(id).toMatch(/^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
      }),
    );
  });

  test("stay with the item if they are of its last write, and are all there if not", () => {
    fc.assert(
      fc.property(facts, facts, (first: DatedFact[], second: DatedFact[]) => {
        const before = following(undefined, first, 0);
        const fresh = following(before.at(-1), second, 0);
        const { kept, older } = fitted(before, fresh);
        expect([...older, ...kept]).toEqual([...before, ...fresh]);
        expect(kept.slice(kept.length - fresh.length)).toEqual(fresh);
      }),
    );
  });
});
