import { expect } from "vitest";
import { eventually, type JobShown } from "./api.ts";
import type { BatchShown } from "./batches.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;
const failing = { function: "flaky", params: { until: 9, isFinal: true } };

export function dependencies({ promise }: Platform): void {
  promise("a job starts after the job that it depends on, with its result", { needs }, async (api) => {
    const parent = await api.submit({ function: "echo", params: { value: "p" }, autoStart: false });
    const child = await api.submit({ function: "mirror", dependencies: [parent.id] });
    expect(child).toMatchObject({ state: "blocked", stateReason: { code: "waiting_dependencies" } });
    await api.post(`/v1/jobs/${parent.id}/start`);
    expect(await api.end(child)).toMatchObject({ state: "completed", result: { inputs: { [parent.id]: { value: "p", env: null } } } });
  });

  promise("a job that depends on what is over does not wait", { needs }, async (api) => {
    const parent = await api.finish({ function: "echo" });
    const child = await api.submit({ function: "mirror", dependencies: [{ job: parent.id, pass: "none" }] });
    expect((await api.job(child.id)).state).not.toBe("blocked");
    expect(await api.end(child)).toMatchObject({ state: "completed", result: { inputs: {} } });
  });

  promise("a failed dependency is never taken as met, and the reason is a sentence that names it", { needs }, async (api) => {
    const failed = await api.finish(failing);
    const child = await api.finish({ function: "echo", dependencies: [failed.id] });
    expect(child).toMatchObject({ state: "cancelled", attempt: 0, stateReason: { code: "dependency_failed" } });
    expect(child.stateReason!.message).toContain(failed.id);
    expect(await api.refused("POST", `/v1/jobs/${child.id}/retry`)).toMatchObject({ status: 409 });
  });

  promise("a diamond: who waits for a failure, for a success and for any end, each gets what he waits for", { needs }, async (api) => {
    const on = (job: number, condition: string) => ({ job, on: condition, pass: "none" });
    const batch = await api.post<BatchShown>("/v1/batches", {
      jobs: [
        failing,
        { function: "depth" },
        { function: "depth", dependencies: [on(0, "failure"), on(1, "success")] },
        { function: "depth", dependencies: [on(0, "success"), on(1, "always")] },
        { function: "depth", dependencies: [on(1, "failure")] },
        { function: "depth", dependencies: [on(2, "always"), on(3, "always"), on(4, "always")] },
      ],
    });
    await api.ended(`/v1/batches/${batch.id}`);
    const states = (await api.all(`/v1/batches/${batch.id}/jobs`)).map(({ state }) => state);
    expect(states).toEqual(["failed", "completed", "completed", "cancelled", "cancelled", "completed"]);
  });

  promise("a cancelled dependency is an end, but neither a success nor a failure", { needs }, async (api) => {
    const parent = await api.submit({ function: "echo", delay: "1h" });
    const children = await Promise.all(
      ["success", "failure", "always"].map((on) => api.submit({ function: "echo", dependencies: [{ job: parent.id, on }] })),
    );
    await api.post(`/v1/jobs/${parent.id}/cancel`);
    const ended = await Promise.all(children.map((child) => api.end(child)));
    expect(ended.map(({ state }) => state)).toEqual(["cancelled", "cancelled", "completed"]);
  });

  promise("whoever is cancelled for a failed job cancels those who wait for him", { needs }, async (api) => {
    const chain = [failing, ...Array.from({ length: 4 }, (_, index) => ({ function: "echo", dependencies: [index] }))];
    const batch = await api.post<BatchShown>("/v1/batches", { jobs: chain });
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "failed", counts: { failed: 1, cancelled: 4 } });
  });

  promise("a retry by hand brings back whoever was cancelled for the job, and the batch with it", { needs }, async (api) => {
    const batch = await api.post<BatchShown>("/v1/batches", {
      jobs: [
        { function: "flaky", params: { until: 2 } },
        { function: "echo", dependencies: [0] },
        { function: "echo", dependencies: [1] },
      ],
    });
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "failed", counts: { failed: 1, cancelled: 2 } });
    await api.post(`/v1/jobs/${batch.jobs[0]!.id}/retry`);
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "completed", counts: { completed: 3 } });
  });

  promise("a chain of 30 jobs runs link by link", { needs }, async (api) => {
    const link = (index: number) => ({ function: "depth", priority: "critical", dependencies: index === 0 ? [] : [index - 1] });
    const jobs = Array.from({ length: 30 }, (_, index) => link(index));
    const batch = await api.post<BatchShown>("/v1/batches", { jobs });
    expect((await api.end(batch.jobs.at(-1)!)).result).toEqual({ depth: 30, parents: 1 });
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "completed", counts: { completed: 30 } });
  });

  promise("a job that waits for 200 others runs once, after all of them, with what each of them left", { needs }, async (api) => {
    const parents = Array.from({ length: 200 }, () => ({ function: "depth", priority: "low" }));
    const join = { function: "depth", dependencies: parents.map((_, index) => index) };
    const batch = await api.post<BatchShown>("/v1/batches", { jobs: [...parents, join] });
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "completed", counts: { completed: 201 } });
    expect(await api.job(batch.jobs.at(-1)!.id)).toMatchObject({ attempt: 1, result: { depth: 2, parents: 200 } });
  });

  promise("60 jobs that wait for one are all released, and are listed page by page", { needs }, async (api) => {
    const children = Array.from({ length: 60 }, () => ({ function: "echo", dependencies: [0] }));
    const batch = await api.post<BatchShown>("/v1/batches", { jobs: [{ function: "echo" }, ...children] });
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "completed", counts: { completed: 61 } });
    const dependents = await api.all<{ job: string }>(`/v1/jobs/${batch.jobs[0]!.id}/dependents`, 25);
    expect(new Set(dependents.map(({ job }) => job))).toEqual(new Set(batch.jobs.slice(1).map(({ id }) => id)));
    expect(dependents).toHaveLength(60);
  });

  promise("edges are shown from both sides, open or decided", { needs }, async (api) => {
    const [parent, other] = await Promise.all([api.submit({ function: "echo", delay: "1h" }), api.finish({ function: "echo" })]);
    const child = await api.submit({ function: "echo", dependencies: [{ job: parent.id, on: "always", pass: "none" }, other.id] });
    const edges = await api.all<{ job: string }>(`/v1/jobs/${child.id}/dependencies`);
    const byJob = new Map(edges.map((edge) => [edge.job, edge]));
    expect(byJob.get(parent.id)).toEqual({ job: parent.id, on: "always", pass: "none", met: "open", state: "delayed" });
    expect(byJob.get(other.id)).toMatchObject({ on: "success", pass: "result", met: "met", state: "completed" });
    await api.post<JobShown>(`/v1/jobs/${parent.id}/cancel`);
    await api.end(child);
    await eventually(async () => {
      const [edge, ...more] = await api.all(`/v1/jobs/${parent.id}/dependents`);
      expect([edge, more]).toEqual([{ job: child.id, on: "always", pass: "none", met: "met", state: "completed" }, []]);
    });
  });
}
