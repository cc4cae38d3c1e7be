// Jobs that share a key: no more than its limit at once, the most urgent first.
import { expect } from "vitest";
import { eventually, own, type JobShown } from "./api.ts";
import type { BatchShown } from "./batches.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;
/** An attempt's start and end may be read from two machines' clocks. */
const SKEW_MS = 250;

const byStart = (jobs: readonly JobShown[]): JobShown[] => jobs.toSorted((a, b) => (a.startedAt! < b.startedAt! ? -1 : 1));

export function concurrency({ promise }: Platform): void {
  promise("jobs that wait for their key run one at a time, in order of priority", { needs }, async (api) => {
    const key = own("one");
    const holder = await api.submit({ function: "patient", concurrency: { key, limit: 1 } });
    await api.running(holder.id);
    const priorities = ["low", "critical", -5, "high", "medium"];
    const batch = await api.post<BatchShown>("/v1/batches", {
      jobs: priorities.map((priority) => ({ function: "echo", params: { value: priority }, priority, concurrency: { key } })),
    });
    expect(await api.job(batch.jobs[0]!.id)).toMatchObject({ state: "queued", stateReason: { code: "waiting_pool" } });
    await api.post(`/v1/jobs/${holder.id}/cancel`);
    const ran = byStart(await Promise.all(batch.jobs.map((job) => api.end(job))));
    expect(ran.map(({ result }) => (result as { value: unknown }).value)).toEqual(["critical", "high", "medium", -5, "low"]);
    for (const [index, { startedAt }] of ran.slice(1).entries())
      expect(Date.parse(startedAt!)).toBeGreaterThanOrEqual(Date.parse(ran[index]!.finishedAt!) - SKEW_MS);
  });

  promise("no more jobs of one key run at once than its limit, and all of them run", { needs }, async (api) => {
    const concurrency = { key: own("three"), limit: 3 };
    const batch = await api.post<BatchShown>("/v1/batches", {
      jobs: Array.from({ length: 9 }, () => ({ function: "patient", params: { ms: 600 }, concurrency })),
    });
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "completed", counts: { completed: 9 } });
    const ran = await Promise.all(batch.jobs.map(({ id }) => api.job(id)));
    for (const { startedAt } of ran) {
      const at = Date.parse(startedAt!) + SKEW_MS;
      const others = ran.filter((job) => Date.parse(job.startedAt!) <= at - SKEW_MS && Date.parse(job.finishedAt!) > at);
      expect(others.length).toBeLessThanOrEqual(3);
    }
  });

  promise("the first limit of a key stays", { needs }, async (api) => {
    const key = own("kept");
    const holder = await api.submit({ function: "patient", concurrency: { key, limit: 1 } });
    const second = await api.submit({ function: "echo", concurrency: { key, limit: 5 } });
    await api.running(holder.id);
    await eventually(async () =>
      expect(await api.job(second.id)).toMatchObject({ state: "queued", stateReason: { code: "waiting_pool" } }),
    );
    await api.post(`/v1/jobs/${holder.id}/complete`);
    expect(await api.end(second)).toMatchObject({ state: "completed" });
  });

  promise("a job that is cancelled while it waits for its key leaves its place to the next", { needs }, async (api) => {
    const concurrency = { key: own("left"), limit: 1 };
    const holder = await api.submit({ function: "patient", concurrency });
    await api.running(holder.id);
    const [first, second] = [await api.submit({ function: "echo", concurrency }), await api.submit({ function: "echo", concurrency })];
    expect(await api.call("POST", `/v1/jobs/${first.id}/cancel`, undefined, 200)).toMatchObject({ state: "cancelled" });
    await api.post(`/v1/jobs/${holder.id}/fail`);
    expect(await api.end(second)).toMatchObject({ state: "completed" });
  });
}
