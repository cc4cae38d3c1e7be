// Times of a job. A platform may count whole seconds: nothing here is promised earlier than it must, and little later.
import { expect } from "vitest";
import type { JobShown } from "./api.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;
const waited = ({ createdAt, startedAt }: JobShown): number => Date.parse(startedAt!) - Date.parse(createdAt);
/** A clock that reads 10:00:00.999 for 10:00:01 is right to the millisecond. */
const ROUNDED_MS = 1;

export function time({ promise }: Platform): void {
  promise("an attempt that does not end within its time-out is killed and says so", { needs }, async (api) => {
    const job = await api.finish({ function: "patient", timeout: "1s", killGrace: 0 });
    expect(job).toMatchObject({
      state: "failed",
      attempt: 1,
      error: { code: "attempt.timed_out", message: expect.stringContaining("time-out") },
    });
  });

  promise("a time-out counts for each attempt anew", { needs }, async (api) => {
    const job = await api.finish({ function: "patient", timeout: 0.5, killGrace: 0, retry: { maxAttempts: 2, delay: 0 } });
    expect(job).toMatchObject({ state: "failed", attempt: 2, error: { code: "attempt.timed_out" } });
  });

  promise("a job that does not end before its deadline fails for that, whatever its retries", { needs }, async (api) => {
    const job = await api.finish({ function: "patient", deadline: "2s", killGrace: 0, retry: { maxAttempts: 5, delay: 0 } });
    expect(job).toMatchObject({ state: "failed", error: { code: "job.deadline_exceeded" } });
    expect(job.attempt).toBeLessThanOrEqual(1);
  });

  promise("a deadline is kept also by a job that waits", { needs }, async (api) => {
    const deadline = new Date(Date.now() + 3000).toISOString();
    const job = await api.finish({ function: "echo", delay: "1h", deadline });
    expect(job).toMatchObject({ state: "failed", attempt: 0, error: { code: "job.deadline_exceeded" } });
  });

  promise(
    "a job whose ttl passes before it starts is cancelled as expired, and one that started in time is not",
    { needs },
    async (api) => {
      const late = await api.finish({ function: "echo", delay: "1h", ttl: "1s" });
      expect(late).toMatchObject({ state: "cancelled", attempt: 0, stateReason: { code: "expired", message: expect.any(String) } });
      expect(await api.finish({ function: "echo", ttl: "1h" })).toMatchObject({ state: "completed" });
    },
  );

  promise("a delayed job does not start before its time, and says when that is", { needs }, async (api) => {
    const job = await api.submit({ function: "echo", delay: "1s" });
    expect(job).toMatchObject({ state: "delayed", stateReason: { code: "waiting_time" } });
    expect(Date.parse(String(job.nextAttemptAt)) - Date.parse(job.createdAt)).toBe(1000);
    const ended = await api.end(job);
    expect(ended.state).toBe("completed");
    expect(waited(ended)).toBeGreaterThanOrEqual(1000 - ROUNDED_MS);
  });

  promise("a job with a time to run at starts then, and one whose time is over at once", { needs }, async (api) => {
    const runAt = new Date(Date.now() + 1500).toISOString();
    const [later, now] = await Promise.all([
      api.finish({ function: "echo", runAt }),
      api.finish({ function: "echo", runAt: "2001-01-01T00:00:00Z" }),
    ]);
    expect([later.state, now.state]).toEqual(["completed", "completed"]);
    expect(Date.parse(later.startedAt!)).toBeGreaterThanOrEqual(Date.parse(runAt) - ROUNDED_MS);
  });
}
