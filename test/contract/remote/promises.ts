// Where attempts run elsewhere: what follows from each step, and from each message that is lost or comes twice.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Outcome } from "../../../shared/domain/attempt.ts";
import { cancelJob, completeJob, retryJob } from "../../../shared/engine/steer.ts";
import { launchOf } from "../../../shared/engine/remote/attempt.ts";
import { tick } from "../../../shared/engine/remote/clock.ts";
import { lookAgain } from "../../../shared/engine/remote/look-again.ts";
import { recover } from "../../../shared/engine/remote/recover.ts";
import { settleAttempt, type Next } from "../../../shared/engine/remote/settle.ts";
import { openRemote, type Place, type Remote } from "./given.ts";

/** Whatever the store is made of. */
export function remotePromises(open: () => Promise<Place>): void {
  let remote: Remote;
  beforeEach(async () => {
    remote = openRemote(await open());
  });
  afterEach(() => remote.close());

  const FUNCTION = { function: "f" };
  const RETRIES = { retry: { maxAttempts: 3, delay: "5s", jitter: "none" as const, policy: "fixed" as const } };
  const DONE: Outcome = { result: '"done"' };
  const BROKEN: Outcome = { failure: { code: "user.broken", message: "It broke.", retryable: true } };

  const settle = async (id: string, attemptId: string, outcome: Outcome): Promise<Next> => {
    const next = await settleAttempt(remote.context, { job: id, attemptId, outcome });
    await remote.context.settled();
    return next;
  };

  describe("a plain job", () => {
    test("has its turn in the write that accepts it, and is handed over once", async () => {
      const id = await remote.submit(FUNCTION);
      const job = await remote.job(id);
      expect(job).toMatchObject({ state: "starting", attempt: 1, leaseUntil: remote.now() + 60_000 });
      expect(remote.turns).toEqual([{ job: id, attemptId: job.attemptId, isRepeated: false }]);
      expect(remote.wakes).toEqual([]);
    });

    test("is launched until it is claimed, and settled once whatever is told again", async () => {
      const id = await remote.submit(FUNCTION);
      const { attemptId } = remote.turns[0]!;
      expect(await launchOf(remote.context, { job: id, attemptId })).toMatchObject({ task: { attemptId, params: "{}" } });
      await remote.claim(id);
      expect(await launchOf(remote.context, { job: id, attemptId })).toBeNull();
      expect(await settle(id, attemptId, DONE)).toEqual({ do: "end" });
      expect(await settle(id, attemptId, BROKEN)).toEqual({ do: "end" });
      expect(await launchOf(remote.context, { job: id, attemptId })).toBeNull();
      expect(await remote.types(id)).toEqual(["job.created", "job.started", "job.completed"]);
    });

    test("has no launch for an attempt that another has followed", async () => {
      const id = await remote.submit({ ...FUNCTION, ...RETRIES });
      const first = await remote.claim(id);
      await settle(id, first, BROKEN);
      remote.passes(5000);
      await lookAgain(remote.context, id);
      await remote.context.settled();
      expect(await launchOf(remote.context, { job: id, attemptId: first })).toBeNull();
      expect(await settle(id, first, DONE)).toEqual({ do: "end" });
      expect((await remote.job(id)).state).toBe("starting");
    });
  });

  describe("a retry", () => {
    test("due within a minute is waited for by the machine, and gets its turn with the end of the wait", async () => {
      const id = await remote.submit({ ...FUNCTION, ...RETRIES });
      expect(await settle(id, await remote.claim(id), BROKEN)).toEqual({ do: "wait", job: id, seconds: 5 });
      expect(remote.wakes).toEqual([]);
      await lookAgain(remote.context, id);
      expect((await remote.job(id)).state).toBe("delayed");
      remote.passes(5000);
      await lookAgain(remote.context, id);
      await remote.context.settled();
      expect(await remote.job(id)).toMatchObject({ state: "starting", attempt: 2 });
      expect(remote.turns).toHaveLength(2);
    });

    test("due later is told to the queue, and not to the machine", async () => {
      const id = await remote.submit({
        ...FUNCTION,
        retry: { maxAttempts: 2, delay: "10m", jitter: "none", policy: "fixed", maxDelay: "1h" },
      });
      expect(await settle(id, await remote.claim(id), BROKEN)).toEqual({ do: "end" });
      expect(remote.wakes).toEqual([{ job: id, at: remote.now() + 600_000 }]);
    });

    test("due beyond the queue's reach is the clock's", async () => {
      const id = await remote.submit({ ...FUNCTION, delay: "1h" });
      expect(remote.wakes).toEqual([]);
      remote.passes(3_590_000);
      await tick(remote.context);
      expect(remote.wakes).toEqual([{ job: id, at: remote.now() + 10_000 }]);
      remote.passes(10_000);
      await tick(remote.context);
      expect((await remote.job(id)).state).toBe("starting");
    });

    test("for want of room uses up neither attempts nor losses", async () => {
      const id = await remote.submit(FUNCTION);
      for (let round = 0; round < 5; round++) await settle(id, await remote.claim(id), { returned: true });
      expect(await remote.job(id)).toMatchObject({ state: "starting", failures: 0, losses: 0 });
    });
  });

  describe("a cancel", () => {
    test("before the claim is at once, and nothing can be claimed afterwards", async () => {
      const id = await remote.submit(FUNCTION);
      const { attemptId } = remote.turns[0]!;
      expect(await cancelJob(remote.context, id)).toMatchObject({ isAtOnce: true, job: { state: "cancelled" } });
      expect(await launchOf(remote.context, { job: id, attemptId })).toBeNull();
    });

    test("of a running job is a wish until its attempt says that it has stopped", async () => {
      const id = await remote.submit(FUNCTION);
      const attemptId = await remote.claim(id);
      expect(await cancelJob(remote.context, id)).toMatchObject({ isAtOnce: false, job: { state: "running" } });
      await settle(id, attemptId, { stopped: true });
      expect(await remote.types(id)).toEqual(["job.created", "job.started", "job.cancel_requested", "job.cancelled"]);
    });

    test("of a job that waits for its retry is at once, and the machine's wait comes to nothing", async () => {
      const id = await remote.submit({ ...FUNCTION, ...RETRIES });
      await settle(id, await remote.claim(id), BROKEN);
      expect((await cancelJob(remote.context, id)).job.state).toBe("cancelled");
      remote.passes(5000);
      await lookAgain(remote.context, id);
      expect((await remote.job(id)).state).toBe("cancelled");
    });

    test("that was lost with its executor ends with the lease", async () => {
      const id = await remote.submit(FUNCTION);
      await remote.claim(id);
      await cancelJob(remote.context, id);
      remote.passes(91_000);
      await tick(remote.context);
      expect(await remote.types(id)).toEqual(["job.created", "job.started", "job.cancel_requested", "job.repaired", "job.cancelled"]);
    });
  });

  describe("by hand", () => {
    test("a completed job stays completed when its attempt answers", async () => {
      const id = await remote.submit(FUNCTION);
      const attemptId = await remote.claim(id);
      await completeJob(remote.context, id, '"mine"');
      expect(await settle(id, attemptId, DONE)).toEqual({ do: "end" });
      expect((await remote.context.store.job(id))?.result).toBe('"mine"');
    });

    test("a retried job is handed over again as another attempt", async () => {
      const id = await remote.submit(FUNCTION);
      await settle(id, await remote.claim(id), { failure: { code: "user.x", message: "x", retryable: false } });
      await retryJob(remote.context, id);
      await remote.context.settled();
      expect(remote.turns).toHaveLength(2);
      expect(remote.turns[1]!.attemptId).not.toBe(remote.turns[0]!.attemptId);
    });
  });

  describe("a lost message", () => {
    test("of a turn is told again after a minute, with its repair in the history, and ever more rarely", async () => {
      remote.loseMessages = true;
      const id = await remote.submit(FUNCTION);
      remote.passes(59_000);
      expect(await tick(remote.context)).toMatchObject({ handedOver: 0 });
      remote.passes(2000);
      expect(await tick(remote.context)).toMatchObject({ handedOver: 1 });
      expect(await remote.types(id)).toEqual(["job.created", "job.repaired"]);
      remote.passes(30_000);
      expect(await tick(remote.context)).toMatchObject({ handedOver: 0 });
      remote.loseMessages = false;
      remote.passes(32_000);
      await tick(remote.context);
      expect(remote.turns).toMatchObject([{ job: id, isRepeated: true }]);
      const { attemptId } = remote.turns[0]!;
      await remote.claim(id);
      await settle(id, attemptId, DONE);
      expect((await remote.types(id)).filter((type) => type === "job.completed")).toHaveLength(1);
    });

    test("of a retry's wait is found by the clock", async () => {
      const id = await remote.submit({ ...FUNCTION, ...RETRIES });
      await settle(id, await remote.claim(id), BROKEN);
      remote.passes(60_000);
      await tick(remote.context);
      expect(await remote.job(id)).toMatchObject({ state: "starting", attempt: 2 });
    });

    test("of an end is found by the lease: the attempt is lost, and goes again", async () => {
      const id = await remote.submit(FUNCTION);
      await remote.claim(id);
      remote.passes(91_000);
      expect(await tick(remote.context)).toMatchObject({ lost: 1 });
      expect(await remote.types(id)).toEqual(["job.created", "job.started", "job.repaired", "attempt.lost", "job.queued"]);
      expect(await remote.job(id)).toMatchObject({ state: "starting", attempt: 2, losses: 1, failures: 0 });
    });

    test("that always comes ends the job with its losses, not never", async () => {
      const id = await remote.submit({ ...FUNCTION, retry: { maxAttempts: 1, maxLosses: 2 } });
      for (let life = 0; life < 3; life++) {
        await remote.claim(id);
        remote.passes(91_000);
        await tick(remote.context);
      }
      expect(await remote.job(id)).toMatchObject({ state: "failed", error: { code: "executor.lost" }, losses: 3 });
    });
  });

  describe("what follows", () => {
    test("a dependant gets its turn in the settle of its parent, with the parent's result", async () => {
      const parent = await remote.submit(FUNCTION);
      const child = await remote.submit({ ...FUNCTION, dependencies: [parent] });
      expect((await remote.job(child)).state).toBe("blocked");
      await settle(parent, await remote.claim(parent), DONE);
      const turn = remote.turns.find(({ job }) => job === child)!;
      expect(await launchOf(remote.context, turn)).toMatchObject({ task: { inputs: JSON.stringify({ [parent]: "done" }) } });
    });

    test("a failed dependency cancels its dependants", async () => {
      const parent = await remote.submit(FUNCTION);
      const child = await remote.submit({ ...FUNCTION, dependencies: [parent] });
      await settle(parent, await remote.claim(parent), { failure: { code: "user.x", message: "x", retryable: false } });
      expect(await remote.job(child)).toMatchObject({ state: "cancelled", endReason: { code: "dependency_failed" } });
    });

    test("a full pool holds its jobs back until a slot is free", async () => {
      const concurrency = { key: "one", limit: 1 };
      const [first, second] = [await remote.submit({ ...FUNCTION, concurrency }), await remote.submit({ ...FUNCTION, concurrency })];
      expect([(await remote.job(first)).state, (await remote.job(second)).state]).toEqual(["starting", "queued"]);
      await settle(first, await remote.claim(first), DONE);
      expect((await remote.job(second)).state).toBe("starting");
      expect(remote.turns.map(({ job }) => job)).toEqual([first, second]);
    });

    test("a turn that nobody lived to grant is granted by recovery", async () => {
      const concurrency = { key: "one", limit: 1 };
      const first = await remote.submit({ ...FUNCTION, concurrency });
      const second = await remote.submit({ ...FUNCTION, concurrency });
      const attemptId = await remote.claim(first);
      const dying = { ...remote.context, wakeLanes: () => undefined };
      await settleAttempt(dying, { job: first, attemptId, outcome: DONE });
      expect((await remote.job(second)).state).toBe("queued");
      await recover(remote.context);
      expect((await remote.job(second)).state).toBe("starting");
    });

    test("a job past its deadline fails without being launched", async () => {
      const id = await remote.submit({ ...FUNCTION, delay: "1h", deadline: "10m" });
      remote.passes(601_000);
      await tick(remote.context);
      expect(await remote.job(id)).toMatchObject({ state: "failed", error: { code: "job.deadline_exceeded" } });
      expect(remote.turns).toEqual([]);
    });

    test("a launch is limited by whatever is nearer, its time-out or its deadline", async () => {
      const id = await remote.submit({ ...FUNCTION, timeout: "50s", deadline: "30s" });
      remote.passes(10_000);
      expect(await launchOf(remote.context, remote.turns[0]!)).toMatchObject({ limitMs: 20_000, isDeadline: true });
      const other = await remote.submit({ ...FUNCTION, timeout: "5s", deadline: "30s" });
      expect(await launchOf(remote.context, remote.turns[1]!)).toMatchObject({ limitMs: 5000, isDeadline: false });
      expect([id, other]).toHaveLength(2);
    });
  });
}
