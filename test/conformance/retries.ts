import { expect } from "vitest";
import { eventually, ITS_TURN_MS, type JobShown } from "./api.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;
/** States passed through within one write have no event: how many a platform needs is its own affair. */
const isOnTheWay = (type: string): boolean => type === "job.queued" || type === "job.starting";

export function retries({ promise }: Platform): void {
  promise("a job that fails is tried again as its policy says, and its history tells each attempt", { needs }, async (api) => {
    const retry = { maxAttempts: 3, policy: "fixed", delay: "10ms", jitter: "none" };
    const job = await api.finish({ function: "flaky", params: { until: 3 }, retry });
    expect(job).toMatchObject({ state: "completed", attempt: 3, maxAttempts: 3, result: { attempt: 3 } });
    expect(job).not.toHaveProperty("error");
    expect((await api.types(job.id)).filter((type) => !isOnTheWay(type))).toEqual([
      "job.created", "job.started", "attempt.failed", "job.delayed", "job.started", "attempt.failed", "job.delayed", "job.started", "job.completed",
    ]); // prettier-ignore
  });

  promise("the last failure is the job's, once its attempts are used up", { needs }, async (api) => {
    const job = await api.finish({ function: "flaky", params: { until: 9 }, retry: { maxAttempts: 2, delay: 0 } });
    expect(job).toMatchObject({ state: "failed", attempt: 2, error: { code: "function.threw", message: "attempt 2 fails" } });
    const failed = (await api.history(job.id)).filter(({ type }) => type === "attempt.failed");
    expect(failed.map(({ data }) => [data.attempt, data.willRetry])).toEqual([[1, true], [2, false]]); // prettier-ignore
  });

  promise("a retry block without a number means three attempts, and maxRetries one more than it says", { needs }, async (api) => {
    const fails = { function: "flaky", params: { until: 9 } };
    expect(await api.finish({ ...fails, retry: { delay: 0 } })).toMatchObject({ state: "failed", attempt: 3 });
    expect(await api.finish({ ...fails, maxRetries: 1, retryDelay: 0 })).toMatchObject({ state: "failed", attempt: 2 });
  });

  promise("only failures that the policy names are tried again", { needs }, async (api) => {
    const retry = { maxAttempts: 3, delay: 0, retryOn: ["process.*"] };
    expect(await api.finish({ function: "flaky", params: { until: 9 }, retry })).toMatchObject({ state: "failed", attempt: 1 });
    expect(await api.finish({ function: "failing", params: { how: "exits" }, retry })).toMatchObject({ state: "failed", attempt: 3 });
  });

  promise("a job that waits for its next attempt says so, and when", { needs }, async (api) => {
    const { id } = await api.submit({ function: "failing", params: { how: "later" }, retry: { maxAttempts: 3, delay: 0 } });
    const waiting = await eventually(async () => {
      const job = await api.job(id);
      expect(job).toMatchObject({ state: "delayed", attempt: 1, stateReason: { code: "waiting_retry", message: expect.any(String) } });
      return job;
    }, ITS_TURN_MS);
    // The function itself asked for half a minute; a busy machine begins late.
    const seconds = (Date.parse(String(waiting.nextAttemptAt)) - Date.parse(waiting.startedAt!)) / 1000;
    expect(seconds).toBeGreaterThan(29);
    expect(seconds).toBeLessThan(90);
    expect(await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 200)).toMatchObject({ state: "cancelled" });
  });

  promise("an attempt finds what the one before it saved, and the latest one's progress is shown", { needs }, async (api) => {
    const job = await api.finish({ function: "saver", retry: { maxAttempts: 2, delay: 0 } });
    expect(job).toMatchObject({
      state: "completed",
      result: { before: { attempt: 1 } },
      progress: { percent: 60, stage: "attempt 2" },
    });
    expect((job.progress as { details: object }).details).toEqual({ seen2: true });
  });

  promise("a function's own time-out and attempts hold where the job says nothing", { needs }, async (api) => {
    const job = await api.finish({ function: "modest", killGrace: 0 });
    expect(job).toMatchObject({ state: "failed", attempt: 2, maxAttempts: 2, error: { code: "attempt.timed_out" } });
    const once = await api.finish({ function: "modest", killGrace: 0, retry: { maxAttempts: 1 } });
    expect(once).toMatchObject({ state: "failed", attempt: 1 });
  });

  promise("a failed job is retried by hand under its id, with a fresh budget", { needs }, async (api) => {
    const { id } = await api.finish({ function: "flaky", params: { until: 4 }, retry: { maxAttempts: 2, delay: 0 } });
    expect(await api.post<JobShown>(`/v1/jobs/${id}/retry`)).toMatchObject({ id });
    expect(await api.end({ id })).toMatchObject({ state: "completed", attempt: 4, result: { attempt: 4 } });
    expect(await api.types(id)).toContain("job.retried");
    expect(await api.refused("POST", `/v1/jobs/${id}/retry`)).toMatchObject({ status: 409, code: "job.wrong_state" });
  });

  promise("a cancelled job is retried by hand, too", { needs }, async (api) => {
    const { id } = await api.submit({ function: "echo", delay: "1h" });
    await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 200);
    await api.post(`/v1/jobs/${id}/retry`);
    expect(await api.end({ id })).toMatchObject({ state: "completed", attempt: 1 });
  });
}
