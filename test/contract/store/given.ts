// Named records for the promises of a store: made by the domain, as the engine makes them.
import { submitted, type NewJob } from "../../../shared/domain/begin.ts";
import type { Dependency } from "../../../shared/domain/dependency.ts";
import type { Group } from "../../../shared/domain/group.ts";
import { executorLane } from "../../../shared/domain/job.ts";
import { noRetry } from "../../../shared/domain/retry.ts";
import type { IdempotencyKey, NewGraph, NewRecord } from "../../../shared/ports/store.ts";

export const NOW = Date.parse("2026-01-01T00:00:00Z");
export const LANE = executorLane("node");

/** `after` names parents whose success is needed, or says what else is needed of them. */
export type GivenJob = Partial<NewJob> & {
  readonly after?: readonly (string | (Pick<Dependency, "job"> & Partial<Dependency>))[];
  readonly tags?: readonly string[];
  readonly params?: string;
  readonly spec?: string;
  /** Of its pool. */
  readonly limit?: number;
};

export function aRecord(id: string, given: GivenJob = {}): NewRecord {
  const { after = [], tags = [], params = "{}", spec = "{}", limit = null, ...job } = given;
  const dependencies = after.map((edge) => ({
    on: "success" as const,
    pass: "result" as const,
    label: null,
    ...(typeof edge === "string" ? { job: edge } : edge),
  }));
  return {
    ...submitted({
      id,
      type: "function",
      executor: "node",
      createdAt: NOW,
      retry: noRetry,
      hasDependencies: dependencies.length > 0,
      ...job,
    }),
    body: { spec, params, tags },
    dependencies,
    poolLimit: limit,
  };
}

export const needsFailureOf = (job: string): Dependency => ({ job, on: "failure", pass: "none", label: null });
export const waitsForAnyEndOf = (job: string): Dependency => ({ job, on: "always", pass: "none", label: null });

export const aGraph = (records: readonly NewRecord[], more: Partial<NewGraph> = {}): NewGraph => ({
  records,
  group: null,
  key: null,
  ...more,
});

export function aGroup(id: string, jobs: number, more: Partial<Group> = {}): NonNullable<NewGraph["group"]> {
  const group: Group = {
    id, kind: id.startsWith("run_") ? "run" : "batch", name: null, state: "running", createdAt: NOW, finishedAt: null, cancelRequestedAt: null,
    jobs, tolerate: 0, workflowVersion: null, params: null, onFailureJob: null, version: 1, ...more,
  }; // prettier-ignore
  return { group, facts: [{ type: `${group.kind}.created`, data: { jobs } }] };
}

export const aKey = (key: string, more: Partial<IdempotencyKey> = {}): IdempotencyKey => ({
  key, bodyHash: "hash-of-the-body", answer: '{"id":"a"}', untilMs: NOW + 86_400_000, ...more,
}); // prettier-ignore

export const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${String(index).padStart(3, "0")}`);
