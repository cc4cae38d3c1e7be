// What an engine does to a store, in words: each step reads, lets the domain decide and writes.
import { expect } from "vitest";
import { settled, type Outcome } from "../../../shared/domain/attempt.ts";
import { isRefused, type Decision, type Refused } from "../../../shared/domain/decision.ts";
import type { Job } from "../../../shared/domain/job.ts";
import { cancelRequested, paused, resumed, retriedByHand } from "../../../shared/domain/steer.ts";
import type { Committed, JobWrite, NewGraph, Store, Turn } from "../../../shared/ports/store.ts";
import { aGraph, aRecord, LANE, NOW, type GivenJob } from "./given.ts";

export type Written = Extract<Committed, { ok: true }>;

export async function submit(store: Store, id: string, given?: GivenJob): Promise<void> {
  await submitted(store, aGraph([aRecord(id, given)]));
}

export async function submitted(store: Store, graph: NewGraph): Promise<readonly string[]> {
  const answer = await store.submitGraph(graph);
  expect(answer).toMatchObject({ ok: true });
  return answer.ok ? answer.queued : [];
}

export async function jobOf(store: Store, id: string): Promise<Job> {
  const view = await store.job(id);
  expect(view, `job ${id}`).not.toBeNull();
  return view!.job;
}

export const stateOf = async (store: Store, id: string): Promise<string> => (await jobOf(store, id)).state;
export const statesOf = (store: Store, ids: readonly string[]): Promise<string[]> => Promise.all(ids.map((id) => stateOf(store, id)));

export const take = (store: Store, max = 100, more: { now?: number; lane?: string } = {}): Promise<Turn[]> =>
  store.takeTurns({ lanes: [{ lane: more.lane ?? LANE, max }], now: more.now ?? NOW, leaseUntil: null, announce: false });

export const idsOf = (turns: readonly Turn[]): string[] => turns.map(({ job }) => job.id);

export const written = (answer: Committed): Written => {
  expect(answer.ok).toBe(true);
  return answer as Written;
};

/** A decision about a job as it was read, ready to be written. */
export function decided(before: Job, decide: (job: Job) => Decision | Refused | null, result?: string): JobWrite {
  const decision = decide(before);
  if (decision === null || isRefused(decision)) throw new Error(`${before.id}: ${decision?.refused ?? "nothing to do"}`);
  return { ...decision, before, ...(result !== undefined && { result }) };
}

export async function change(store: Store, id: string, decide: (job: Job) => Decision | Refused | null, result?: string): Promise<Written> {
  return written(await store.commit({ jobs: [decided(await jobOf(store, id), decide, result)] }));
}

export const settle = (store: Store, id: string, outcome: Outcome, now = NOW): Promise<Written> =>
  change(store, id, (job) => settled(job, { outcome, startedAt: now, now, chance: 0.5 }), "result" in outcome ? outcome.result : undefined);

export const A_FAILURE: Outcome = { failure: { code: "user.broken", message: "It broke.", retryable: false } };

export const complete = (store: Store, id: string, result = "null"): Promise<Written> => settle(store, id, { result });
export const fail = (store: Store, id: string, now = NOW): Promise<Written> => settle(store, id, A_FAILURE, now);
export const cancel = (store: Store, id: string): Promise<Written> => change(store, id, (job) => cancelRequested(job, NOW));
export const pause = (store: Store, id: string): Promise<Written> => change(store, id, (job) => paused(job, NOW));

/** As the engine does it: its dependencies may have ended while it was paused. */
export async function resume(store: Store, id: string): Promise<void> {
  await change(store, id, (job) => resumed(job, NOW));
  written(await store.evaluate(id, NOW));
}

export async function retry(store: Store, id: string): Promise<void> {
  await change(store, id, (job) => retriedByHand(job, NOW));
  written(await store.revive(id, NOW));
  written(await store.evaluate(id, NOW));
}

/** Submitted, with its turn taken, and ended. */
export async function ended(store: Store, id: string, how: "completed" | "failed", given?: GivenJob): Promise<void> {
  await submit(store, id, given);
  await take(store);
  await (how === "completed" ? complete(store, id) : fail(store, id));
}

/** Tells dependants page by page until nobody is left to be told. Answers how many pages it took. */
export async function releaseAll(store: Store, unreleased: readonly string[]): Promise<number> {
  const left = [...unreleased];
  let pages = 0;
  for (let parent = left.pop(); parent !== undefined; parent = left.pop()) {
    left.push(...written(await store.release(parent, NOW)).unreleased);
    if (++pages > 1000) throw new Error(`still unreleased after ${pages} pages: ${parent}`);
  }
  return pages;
}
