import { expect } from "vitest";
import { own } from "./api.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

export function jobs({ promise }: Platform): void {
  promise("a job runs from its submission to its result, and its history tells created, started, completed", { needs }, async (api) => {
    const job = await api.finish({ function: "echo", params: { value: 42 } });
    expect(job).toMatchObject({ state: "completed", attempt: 1, type: "function", result: { value: 42, env: null } });
    expect(await api.types(job.id)).toEqual(["job.created", "job.started", "job.completed"]);
    expect(await api.get(`/v1/jobs/${job.id}/result`)).toEqual({ value: 42, env: null });
  });

  promise("a job that was submitted is answered whole, in a state before its end", { needs }, async (api) => {
    const job = await api.submit({ function: "echo" });
    expect(job).toMatchObject({
      id: expect.stringMatching(/^job_[0-9A-Z]{26}$/), type: "function", function: "echo", params: {}, priority: 0, tags: [], archived: false,
      maxAttempts: 1, losses: 0, executor: expect.any(String), createdAt: instant, updatedAt: instant, version: expect.any(Number),
    }); // prettier-ignore
    expect(["queued", "starting", "running"]).toContain(job.state);
    expect(await api.job(job.id)).toMatchObject({ id: job.id, createdAt: job.createdAt });
  });

  promise("what users say of a job is shown again as they said it", { needs }, async (api) => {
    const said = {
      name: "Nightly 🚀", description: "two\nlines", metadata: { owner: { team: "data" }, "odd key": [1, null] }, priority: 7, timeout: "30s",
      killGrace: 1.5, retention: "2d", params: { value: [true, 1.5, "x", null, {}] },
    }; // prettier-ignore
    expect(await api.submit({ function: "echo", autoStart: false, ...said })).toMatchObject({ ...said, state: "created" });
  });

  promise("tags are a list or a map, and priorities have names", { needs }, async (api) => {
    const shown = (job: object) => api.submit({ function: "echo", autoStart: false, ...job });
    expect((await shown({ tags: ["b", "a", "b"] })).tags).toEqual(["b", "a"]);
    expect((await shown({ tags: { team: "data", urgent: "" } })).tags).toEqual(["team=data", "urgent"]);
    const priorities = await Promise.all(["low", "medium", "high", "critical"].map((priority) => shown({ priority })));
    expect(priorities.map(({ priority }) => priority)).toEqual([-100, 0, 100, 1000]);
  });

  promise("other systems' words for params, executor and retries are understood", { needs }, async (api) => {
    const job = await api.submit({
      function: "echo",
      payload: { value: 1 },
      runner: "auto",
      maxRetries: 2,
      retryDelay: 5,
      autoStart: false,
    });
    expect(job).toMatchObject({ params: { value: 1 }, maxAttempts: 3, retry: { maxAttempts: 3, delay: 5 } });
    expect(job).not.toHaveProperty("payload");
  });

  promise("an ended job tells its times, in order", { needs }, async (api) => {
    const job = await api.finish({ function: "patient", params: { ms: 50 } });
    expect(job).toMatchObject({ startedAt: instant, finishedAt: instant });
    const times = [job.createdAt, job.startedAt!, job.finishedAt!].map((time) => Date.parse(time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(job.durationMs).toBe(times[2]! - times[1]!);
  });

  promise("a request that waits gets the job once it has ended, or unfinished when its patience is over", { needs }, async (api) => {
    const ended = await api.call("POST", "/v1/jobs?wait=20s", { function: "echo", params: { value: "soon" } }, 201);
    expect(ended).toMatchObject({ state: "completed", result: { value: "soon" } });
    const unfinished = await api.call("POST", "/v1/jobs?wait=0.2", { function: "echo", delay: "1h" }, 201);
    expect(unfinished).toMatchObject({ state: "delayed" });
    expect(await api.get(`/v1/jobs/${String(unfinished.id)}?wait=0.2s`)).toMatchObject({ state: "delayed" });
  });

  promise("a function knows its job, its attempt, and its params with their defaults", { needs }, async (api) => {
    const name = own("mirror");
    const job = await api.finish({ function: "mirror", name, params: { word: "w" } });
    expect(job.result).toEqual({ params: { size: 7, word: "w" }, job: { id: job.id, name }, attempt: 1, inputs: {} });
  });

  promise("an environment is its job's own", { needs }, async (api) => {
    const [mine, other] = await Promise.all([
      api.finish({ function: "echo", env: { SECRET: "mine" } }),
      api.finish({ function: "echo", env: { SECRET: "other" } }),
    ]);
    expect([mine.result, other.result]).toEqual([{ value: null, env: "mine" }, { value: null, env: "other" }]); // prettier-ignore
    expect((await api.finish({ function: "echo" })).result).toEqual({ value: null, env: null });
  });

  promise("null bytes, emoji and lone surrogates in params and results come back as they were", { needs }, async (api) => {
    const value = { nul: "a\0b", emoji: "👩🏽‍🚀", lone: "\ud800", edge: "\uFFFE", quotes: "'\"`;--\\", "": "" };
    expect((await api.finish({ function: "echo", params: { value } })).result).toMatchObject({ value });
  });

  promise("attempts are told oldest first, each with its end", { needs }, async (api) => {
    const job = await api.finish({ function: "flaky", params: { until: 2 }, retry: { maxAttempts: 2, delay: 0 } });
    const [first, second, ...more] = await api.all<Record<string, unknown>>(`/v1/jobs/${job.id}/attempts`);
    const common = { id: expect.stringMatching(/^att_/), executor: job.executor, startedAt: instant, endedAt: instant };
    expect(first).toEqual({ ...common, number: 1, state: "failed", error: expect.objectContaining({ code: "function.threw" }) });
    expect(second).toEqual({ ...common, number: 2, state: "completed" });
    expect(more).toEqual([]);
  });

  promise(
    "a result is asked for in vain before the end (409) and after a failure (404); a result of null is one",
    { needs },
    async (api) => {
      const waiting = await api.submit({ function: "echo", autoStart: false });
      expect(await api.refused("GET", `/v1/jobs/${waiting.id}/result`)).toMatchObject({ status: 409, code: "job.not_finished" });
      const failed = await api.finish({ function: "flaky", params: { until: 9 } });
      expect(await api.refused("GET", `/v1/jobs/${failed.id}/result`)).toMatchObject({ status: 404, code: "result.not_found" });
      const silent = await api.finish({ function: "chatty" });
      expect(silent).toHaveProperty("result", null);
      expect(await api.call("GET", `/v1/jobs/${silent.id}/result`, undefined, 200)).toBeNull();
    },
  );

  promise("a job is checked without being submitted", { needs }, async (api) => {
    const id = own("never");
    expect(await api.call("POST", "/v1/jobs/validate", { id, function: "echo" }, 200)).toEqual({ valid: true });
    expect(await api.refused("POST", "/v1/jobs/validate", { id, function: "ecko" })).toMatchObject({ code: "function.unknown" });
    expect(await api.refused("GET", `/v1/jobs/${id}`)).toMatchObject({ status: 404, code: "job.not_found" });
  });

  promise("durations are written in all the ways there are", { needs }, async (api) => {
    for (const timeout of ["90s", "5m", "0.1h", "00:10:30", 30, 1.5])
      expect(await api.call("POST", "/v1/jobs/validate", { function: "echo", timeout }, 200), String(timeout)).toEqual({ valid: true });
    expect(
      await api.call("POST", "/v1/jobs/validate", { function: "echo", retention: "30d", delay: "24h", ttl: "100:00:00" }, 200),
    ).toEqual({ valid: true });
  });
}
