import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finish, openTestApi, types, type Shown, type TestApi } from "../support/api.ts";

let api: TestApi;
beforeAll(async () => {
  process.env.TEST_SECRET = "hush-hush";
  api = await openTestApi({ secretEnv: ["TEST_SECRET"] });
});
afterAll(() => api.close());

describe("a function job", () => {
  test("runs from its submission to its result, and its history tells created, started, completed", async () => {
    const job = await finish(api, { function: "echo", params: { value: 42 } });
    expect(job).toMatchObject({ state: "completed", attempt: 1, result: { value: 42 }, type: "function", executor: "node" });
    expect(await types(api, job.id)).toEqual(["job.created", "job.started", "job.completed"]);
    expect(await api.call("GET", `/v1/jobs/${job.id}/result`)).toEqual({ value: 42, env: null });
  });

  test("that fails is tried again as its policy says, and tells each attempt", async () => {
    const job = await finish(api, { function: "flaky", params: { until: 3 }, retry: { maxAttempts: 3, delay: "10ms", jitter: "none" } });
    expect(job).toMatchObject({ state: "completed", attempt: 3, result: { attempt: 3 } });
    const { items } = await api.call<{ items: Shown[] }>("GET", `/v1/jobs/${job.id}/attempts`);
    expect(items.map(({ state, number }) => [number, state])).toEqual([[1, "failed"], [2, "failed"], [3, "completed"]]); // prettier-ignore
    expect(await types(api, job.id)).toEqual([
      "job.created", "job.started", "attempt.failed", "job.delayed", "job.queued", "job.started", "attempt.failed", "job.delayed", "job.queued", "job.started", "job.completed",
    ]); // prettier-ignore
  });

  test("that must not be retried is not", async () => {
    const job = await finish(api, { function: "flaky", params: { until: 9, isFinal: true }, retry: { maxAttempts: 5, delay: 0 } });
    expect(job).toMatchObject({ state: "failed", attempt: 1, error: { code: "user.final", message: "never", retryable: false } });
  });

  test("that does not end within its time-out is killed and says so", async () => {
    const job = await finish(api, { function: "patient", timeout: 0.1, killGrace: 0 });
    expect(job).toMatchObject({ state: "failed", error: { code: "attempt.timed_out" } });
  });

  test("that does not end before its deadline fails for that, whatever its retries", async () => {
    const job = await finish(api, { function: "patient", deadline: 0.2, killGrace: 0, retry: { maxAttempts: 5 } });
    expect(job).toMatchObject({ state: "failed", error: { code: "job.deadline_exceeded" } });
  });

  test("gets its secret, which is told nowhere", async () => {
    const job = await finish(api, {
      function: "echo",
      params: { say: "the secret is hush-hush" },
      env: { SECRET: { secret: "env:TEST_SECRET" } },
    });
    expect(job.result).toEqual({ value: null, env: "***" });
    const logs = await api.call<{ items: { text: string }[] }>("GET", `/v1/jobs/${job.id}/logs`);
    expect(logs.items.map(({ text }) => text)).toEqual(["the secret is ***"]);
    const { params: _, ...told } = job;
    expect(JSON.stringify([told, await api.call("GET", `/v1/jobs/${job.id}/history`)])).not.toContain("hush-hush");
  });
});

describe("steering", () => {
  test("a waiting job is cancelled at once, a second cancel changes nothing, and a finished one answers 409", async () => {
    const { id } = await api.call<Shown>("POST", "/v1/jobs", { function: "echo", delay: "1h" });
    expect(await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 200)).toMatchObject({
      state: "cancelled",
      stateReason: { code: "cancelled_by_user" },
    });
    await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 200);
    const done = await finish(api, { function: "echo" });
    expect(await api.call("POST", `/v1/jobs/${done.id}/cancel`, undefined, 409)).toMatchObject({ code: "job.wrong_state" });
  });

  test("a running job is asked to stop (202), and is cancelled once nothing of it is left", async () => {
    const { id } = await api.call<Shown>("POST", "/v1/jobs", { function: "patient" });
    await running(id);
    expect(await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 202)).toMatchObject({
      state: "running",
      stateReason: { code: "cancel_requested" },
    });
    const ended = await api.call<Shown>("GET", `/v1/jobs/${id}?wait=20s`);
    expect(ended).toMatchObject({ state: "cancelled" });
    expect(await types(api, id)).toEqual(["job.created", "job.started", "job.cancel_requested", "job.cancelled"]);
  });

  test("a job with autoStart false waits to be started by hand", async () => {
    const made = await api.call<Shown>("POST", "/v1/jobs", { function: "echo", autoStart: false });
    expect(made).toMatchObject({ state: "created", stateReason: { code: "not_started" } });
    await api.call("POST", `/v1/jobs/${made.id}/start`);
    expect(await api.call("GET", `/v1/jobs/${made.id}?wait=20s`)).toMatchObject({ state: "completed" });
    await api.call("POST", `/v1/jobs/${made.id}/start`, undefined, 409);
  });

  test("a paused job stays where it is until it is resumed", async () => {
    const { id } = await api.call<Shown>("POST", "/v1/jobs", { function: "echo", delay: 0.05 });
    expect(await api.call("POST", `/v1/jobs/${id}/pause`)).toMatchObject({ state: "paused", stateReason: { code: "paused" } });
    expect(await api.call("POST", `/v1/jobs/${id}/resume`)).toMatchObject({ state: "delayed" });
    expect(await api.call("GET", `/v1/jobs/${id}?wait=20s`)).toMatchObject({ state: "completed" });
  });

  test("a failed job is retried by hand under its id with a fresh budget, and brings back whoever was cancelled for it", async () => {
    const batch = await api.call<{ id: string; jobs: Shown[] }>("POST", "/v1/batches", {
      jobs: [
        { function: "flaky", params: { until: 2 } },
        { function: "echo", dependencies: [0] },
        { function: "echo", dependencies: [1] },
      ],
    });
    expect(await api.call("GET", `/v1/batches/${batch.id}?wait=20s`)).toMatchObject({
      state: "failed",
      counts: { failed: 1, cancelled: 2 },
    });
    await api.call("POST", `/v1/jobs/${batch.jobs[0]!.id}/retry`);
    expect(await api.call("GET", `/v1/batches/${batch.id}?wait=20s`)).toMatchObject({ state: "completed", counts: { completed: 3 } });
  });

  test("a job is completed or failed by hand, and what runs of it is stopped", async () => {
    const { id } = await api.call<Shown>("POST", "/v1/jobs", { function: "patient" });
    await running(id);
    expect(await api.call("POST", `/v1/jobs/${id}/complete`, { result: { by: "hand" } })).toMatchObject({
      state: "completed",
      result: { by: "hand" },
    });
    await api.local.engine.context.attempts.idle();
    expect(await api.call("GET", `/v1/jobs/${id}`)).toMatchObject({ state: "completed", result: { by: "hand" } });
    const waiting = await api.call<Shown>("POST", "/v1/jobs", { function: "echo", delay: "1h" });
    expect(await api.call("POST", `/v1/jobs/${waiting.id}/fail`, { message: "no use" })).toMatchObject({
      state: "failed",
      error: { code: "user.failed", message: "no use" },
    });
  });

  test("progress is kept as told, merged, and only while it runs", async () => {
    const { id } = await api.call<Shown>("POST", "/v1/jobs", { function: "patient" });
    await running(id);
    await api.call("POST", `/v1/jobs/${id}/progress`, { percent: 150, details: { a: 1 } });
    expect(await api.call("POST", `/v1/jobs/${id}/progress`, { percent: 40, stage: "half", details: { b: 2 } })).toMatchObject({
      progress: { percent: 40, stage: "half", details: { a: 1, b: 2 } },
    });
    await api.call("POST", `/v1/jobs/${id}/complete`);
    expect(await api.call("POST", `/v1/jobs/${id}/progress`, { percent: 1 }, 409)).toMatchObject({ code: "job.wrong_state" });
    expect(await api.call("GET", `/v1/jobs/${id}/progress`)).toMatchObject({ percent: 40 });
  });

  /** Its state is shown as running once it lasts: told by a signal, not by a clock. */
  const running = (id: string): Promise<unknown> =>
    api.local.engine.context.signals.until(id, 20_000, async () => {
      const seen = await api.call<Shown>("GET", `/v1/jobs/${id}`);
      return { done: seen.state === "running", seen };
    });
});

describe("waiting", () => {
  test("a job waits for its turn in its key's pool, one at a time in order of priority", async () => {
    const order: string[] = [];
    const stop = api.local.engine.context.signals.listenToEnds((id) => order.push(id));
    const make = (id: string, priority: string) => ({ id, function: "patient", params: { ms: 20 }, priority, concurrency: { key: "one" } });
    await api.call("POST", "/v1/batches", {
      jobs: [make("p-first", "low"), make("p-low", "low"), make("p-high", "high"), make("p-critical", "critical")],
    });
    await api.call("GET", "/v1/jobs/p-low?wait=20s");
    stop();
    expect(order.filter((id) => id.startsWith("p-"))).toEqual(["p-first", "p-critical", "p-high", "p-low"]);
  });

  test("a job whose ttl passes before it starts is cancelled as expired", async () => {
    const job = await finish(api, { function: "echo", delay: "1h", ttl: 0.05 });
    expect(job).toMatchObject({ state: "cancelled", stateReason: { code: "expired" } });
  });

  test("a failed dependency is never taken as met, and its reason is a sentence", async () => {
    const failed = await finish(api, { function: "flaky", params: { until: 9, isFinal: true } });
    const needs = await finish(api, { function: "echo", dependencies: [failed.id] });
    expect(needs).toMatchObject({ state: "cancelled", stateReason: { code: "dependency_failed" } });
    expect(needs.stateReason!.message).toContain(failed.id);
    expect(await finish(api, { function: "echo", dependencies: [{ job: failed.id, on: "failure" }] })).toMatchObject({
      state: "completed",
    });
    expect(await finish(api, { function: "echo", dependencies: [{ job: failed.id, on: "always" }] })).toMatchObject({ state: "completed" });
    const { items } = await api.call<{ items: Shown[] }>("GET", `/v1/jobs/${failed.id}/dependents`);
    expect(items).toHaveLength(3);
  });
});
