import { expect } from "vitest";
import { settled, started, type Outcome } from "../../../shared/domain/attempt.ts";
import type { Job } from "../../../shared/domain/job.ts";
import { cancelRequested } from "../../../shared/domain/steer.ts";
import { aGraph, aRecord, LANE, NOW, numbered } from "./given.ts";
import { typesOf, type Promised } from "./promise.ts";
import {
  A_FAILURE,
  change,
  complete,
  decided,
  fail,
  idsOf,
  jobOf,
  retry,
  settle,
  stateOf,
  statesOf,
  submit,
  submitted,
  take,
} from "./steps.ts";

const toCancel = (job: Job) => cancelRequested(job, NOW);

export function settlePromises(promise: Promised): void {
  promise("a result is there as soon as its job is completed", async (store) => {
    await submit(store, "a");
    await take(store);
    await complete(store, "a", '{"emoji":"🎉","nul":"\\u0000"}');
    expect(await store.job("a")).toMatchObject({ job: { state: "completed", finishedAt: NOW }, result: '{"emoji":"🎉","nul":"\\u0000"}' });
  });

  promise("a start and an end in one write are two facts in order", async (store) => {
    await submit(store, "a");
    await take(store);
    await settle(store, "a", { result: "1" }, NOW + 5);
    expect(await typesOf(store, "a")).toEqual(["job.created", "job.started", "job.completed"]);
  });

  promise("an old version is refused and nothing of the change is written", async (store) => {
    await submit(store, "a");
    await submit(store, "b");
    await take(store);
    const [a, b] = [await jobOf(store, "a"), await jobOf(store, "b")];
    await change(store, "b", (job) => started(job, "node", NOW, null));
    const end = (job: Job) => settled(job, { outcome: { result: "1" }, startedAt: NOW, now: NOW, chance: 0 });
    const answer = await store.commit({ jobs: [decided(a, end, "1"), decided(b, end)] });
    expect(answer).toEqual({ ok: false, because: "changed" });
    expect(await store.job("a")).toMatchObject({ job: a, result: null });
    expect(await typesOf(store, "a")).toEqual(["job.created"]);
  });

  promise("of two who settle the same attempt at once, one is refused", async (store) => {
    await submit(store, "a");
    const [turn] = await take(store);
    const end = (outcome: Outcome) => decided(turn!.job, (job) => settled(job, { outcome, startedAt: NOW, now: NOW, chance: 0 }));
    const answers = await Promise.all([store.commit({ jobs: [end({ result: "1" })] }), store.commit({ jobs: [end(A_FAILURE)] })]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await typesOf(store, "a")).filter((type) => type === "job.completed" || type === "job.failed")).toHaveLength(1);
  });

  promise("a change of a job that is not there is refused", async (store) => {
    const { job } = aRecord("nobody");
    expect(await store.commit({ jobs: [decided(job, toCancel)] })).toEqual({ ok: false, because: "changed" });
  });

  promise("several jobs are changed together", async (store) => {
    await submitted(store, aGraph(numbered("j", 5).map((id) => aRecord(id))));
    const jobs = await Promise.all(numbered("j", 5).map(async (id) => decided(await jobOf(store, id), toCancel)));
    expect(await store.commit({ jobs })).toMatchObject({ ok: true });
    expect(new Set(await statesOf(store, numbered("j", 5)))).toEqual(new Set(["cancelled"]));
  });

  promise("a change with more writes than the store takes at once is refused whole", async (store) => {
    await submit(store, "a");
    const write = decided(await jobOf(store, "a"), toCancel);
    const jobs = Array.from({ length: store.limits.writesPerChange + 1 }, () => write);
    await expect(store.commit({ jobs })).rejects.toMatchObject({ name: "SwitchyardError", code: "payload.too_large" });
    expect(await stateOf(store, "a")).toBe("queued");
  });

  promise("a job that will be tried again waits in its lane, at its end", async (store) => {
    const again = {
      maxAttempts: 3,
      policy: "fixed",
      delayMs: 0,
      factor: 1,
      maxDelayMs: 0,
      jitter: "none",
      retryOn: null,
      maxLosses: 3,
    } as const;
    await submit(store, "a", { retry: again });
    await take(store);
    await submit(store, "b", { createdAt: NOW + 1 });
    const { queued } = await settle(store, "a", { failure: { code: "user.x", message: "", retryable: true } }, NOW + 2);
    expect(queued).toEqual([LANE]);
    const turns = await take(store);
    expect(idsOf(turns)).toEqual(["b", "a"]);
    expect(turns[1]!.job).toMatchObject({ attempt: 2, failures: 1 });
  });

  promise("a job that lives again by hand has no result of its last life", async (store) => {
    await submit(store, "a");
    await take(store);
    await change(store, "a", (job) => settled(job, { outcome: A_FAILURE, startedAt: NOW, now: NOW, chance: 0 }), '{"partial":true}');
    expect((await store.job("a"))!.result).toBe('{"partial":true}');
    await retry(store, "a");
    expect(await store.job("a")).toMatchObject({ job: { state: "queued", failures: 0, error: null }, result: null });
    await take(store);
    await fail(store, "a");
    expect((await typesOf(store, "a")).filter((type) => type === "job.failed")).toHaveLength(2);
  });
}
