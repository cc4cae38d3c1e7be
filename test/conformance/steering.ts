// What users do to one job by hand.
import { expect } from "vitest";
import { type JobShown, own } from "./api.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;

export function steering({ promise }: Platform): void {
  promise("a waiting job is cancelled at once, a second cancel changes nothing, and a completed one refuses it", { needs }, async (api) => {
    const { id } = await api.submit({ function: "echo", delay: "1h" });
    const cancelled = { state: "cancelled", attempt: 0, stateReason: { code: "cancelled_by_user", message: expect.any(String) } };
    expect(await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 200)).toMatchObject(cancelled);
    expect(await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 200)).toMatchObject(cancelled);
    const done = await api.finish({ function: "echo" });
    expect(await api.refused("POST", `/v1/jobs/${done.id}/cancel`)).toMatchObject({ status: 409, code: "job.wrong_state" });
  });

  promise("a running job is asked to stop, and is cancelled once nothing of it is left", { needs }, async (api) => {
    const { id } = await api.submit({ function: "patient" });
    await api.running(id);
    expect(await api.call("POST", `/v1/jobs/${id}/cancel`, undefined, 202)).toMatchObject({
      state: "running",
      stateReason: { code: "cancel_requested" },
      cancelRequestedAt: expect.any(String),
    });
    const ended = await api.end({ id });
    expect(ended).toMatchObject({ state: "cancelled", attempt: 1 });
    expect(ended).not.toHaveProperty("result");
    expect(await api.types(id)).toEqual(["job.created", "job.started", "job.cancel_requested", "job.cancelled"]);
  });

  promise("a cancel at any moment ends the job, and its answer is true", { needs }, async (api) => {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const { id } = await api.submit({ function: "echo" });
        const { status } = await api.request("POST", `/v1/jobs/${id}/cancel`);
        return { status, state: (await api.end({ id })).state };
      }),
    );
    // 202: it was asked to stop, and may have been done by then.
    const allowed = ["200 cancelled", "202 cancelled", "202 completed", "409 completed"];
    for (const { status, state } of outcomes) expect(allowed).toContain(`${status} ${state}`);
  });

  promise("a job with autoStart false waits to be started by hand, once", { needs }, async (api) => {
    const made = await api.submit({ function: "echo", autoStart: false });
    expect(made).toMatchObject({ state: "created", stateReason: { code: "not_started" } });
    await api.post(`/v1/jobs/${made.id}/start`);
    expect(await api.end(made)).toMatchObject({ state: "completed" });
    expect(await api.refused("POST", `/v1/jobs/${made.id}/start`)).toMatchObject({ status: 409, code: "job.wrong_state" });
  });

  promise("a paused job stays where it is, though its time comes, until it is resumed", { needs }, async (api) => {
    const { id } = await api.submit({ function: "echo", delay: "3s" });
    const paused = { state: "paused", stateReason: { code: "paused", message: expect.any(String) } };
    expect(await api.post(`/v1/jobs/${id}/pause`)).toMatchObject(paused);
    expect(await api.post(`/v1/jobs/${id}/pause`)).toMatchObject(paused);
    expect(await api.get(`/v1/jobs/${id}?wait=3.5s`)).toMatchObject(paused);
    await api.post(`/v1/jobs/${id}/resume`);
    expect(await api.end({ id })).toMatchObject({ state: "completed" });
    expect(await api.types(id)).toEqual(expect.arrayContaining(["job.paused", "job.resumed"]));
  });

  promise("what does not fit a job's state is refused and changes nothing", { needs }, async (api) => {
    const waiting = await api.submit({ function: "echo", delay: "1h" });
    for (const verb of ["start", "resume", "retry"])
      expect(await api.refused("POST", `/v1/jobs/${waiting.id}/${verb}`), verb).toMatchObject({ status: 409, code: "job.wrong_state" });
    expect(await api.job(waiting.id)).toEqual(waiting);
    const done = await api.finish({ function: "echo" });
    for (const verb of ["pause", "resume", "complete", "fail"])
      expect(await api.refused("POST", `/v1/jobs/${done.id}/${verb}`), verb).toMatchObject({ status: 409, code: "job.wrong_state" });
    expect(await api.job(done.id)).toEqual(done);
  });

  promise("nobody steers a job that there is not", { needs }, async (api) => {
    const id = own("nobody");
    for (const verb of ["start", "pause", "resume", "cancel", "retry", "complete", "fail"])
      expect(await api.refused("POST", `/v1/jobs/${id}/${verb}`), verb).toMatchObject({ status: 404, code: "job.not_found" });
  });

  promise("a running job is completed by hand, and what its attempt leaves afterwards changes nothing", { needs }, async (api) => {
    const { id } = await api.submit({ function: "patient", params: { ms: 3000 } });
    await api.running(id);
    const done = await api.post<JobShown>(`/v1/jobs/${id}/complete`, { result: { by: "hand" } });
    expect(done).toMatchObject({ state: "completed", result: { by: "hand" } });
    // Begun later and as long: the other one would be over by now.
    await api.finish({ function: "patient", params: { ms: 3000 } });
    expect(await api.job(id)).toMatchObject({ state: "completed", result: { by: "hand" }, version: done.version });
  });

  promise("a running job is failed by hand", { needs }, async (api) => {
    const { id } = await api.submit({ function: "patient", retry: { maxAttempts: 5, delay: 0 } });
    await api.running(id);
    const error = { code: "user.wrong_data", message: "the data is wrong", details: { row: 7 } };
    expect(await api.post(`/v1/jobs/${id}/fail`, error)).toMatchObject({ state: "failed", attempt: 1, error });
  });

  promise("a waiting job is completed or failed by hand, also without a word", { needs }, async (api) => {
    const [first, second] = await Promise.all([
      api.submit({ function: "echo", delay: "1h" }),
      api.submit({ function: "echo", autoStart: false }),
    ]);
    expect(await api.post(`/v1/jobs/${first.id}/complete`)).toMatchObject({ state: "completed", attempt: 0, result: null });
    expect(await api.post(`/v1/jobs/${second.id}/fail`)).toMatchObject({
      state: "failed",
      error: { code: "user.failed", message: expect.any(String), retryable: false },
    });
  });

  promise("whoever waits for a job that is completed by hand gets the result that was given", { needs }, async (api) => {
    const parent = await api.submit({ function: "echo", autoStart: false });
    const child = await api.submit({ function: "mirror", dependencies: [parent.id] });
    await api.post(`/v1/jobs/${parent.id}/complete`, { result: ["by", "hand"] });
    expect(await api.end(child)).toMatchObject({ state: "completed", result: { inputs: { [parent.id]: ["by", "hand"] } } });
  });

  promise("progress is kept within its bounds and merged, and told only while the job runs", { needs }, async (api) => {
    const { id } = await api.submit({ function: "patient", params: { quiet: true } });
    await api.running(id);
    expect(await api.get(`/v1/jobs/${id}/progress`)).toBeNull();
    expect(await api.post(`/v1/jobs/${id}/progress`, { percent: 150, details: { a: 1 } })).toMatchObject({ progress: { percent: 100 } });
    expect(await api.post(`/v1/jobs/${id}/progress`, { percent: 40, stage: "half", details: { b: 2 } })).toMatchObject({
      progress: { percent: 40, stage: "half", details: { a: 1, b: 2 }, at: expect.any(String) },
    });
    await api.post(`/v1/jobs/${id}/complete`);
    expect(await api.refused("POST", `/v1/jobs/${id}/progress`, { percent: 1 })).toMatchObject({ status: 409, code: "job.wrong_state" });
    expect(await api.get(`/v1/jobs/${id}/progress`)).toMatchObject({ percent: 40, stage: "half" });
  });

  promise("what a function tells of its progress is shown while it runs, and stays as told", { needs }, async (api) => {
    const job = await api.finish({ function: "patient", params: { ms: 300 } });
    expect(job).toMatchObject({ state: "completed", progress: { percent: 10, stage: "waiting", details: {} } });
  });
}
