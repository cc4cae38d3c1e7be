// A job that cannot be: a clear answer that names the field, and nothing half-written.
import { expect } from "vitest";
import { own, type Problem } from "./api.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;
const echo = { function: "echo" };

/** What is wrong, where, and what is said of it. */
const refusals: Record<string, readonly [job: object, status: number, code: string, path: string]> = {
  "an unknown function": [{ function: "ecko" }, 422, "function.unknown", "function"],
  "params that the function's schema refuses": [
    { function: "flaky", params: { until: "two" } },
    422,
    "function.invalid_params",
    "params.until",
  ],
  "a param that is missing": [{ function: "flaky" }, 422, "function.invalid_params", "params.until"],
  "a param that the function does not know": [{ ...echo, params: { valu: 1 } }, 422, "function.invalid_params", "params.valu"],
  "an executor that there is not": [{ ...echo, executor: "mainframe" }, 422, "executor.unavailable", "executor"],
  "an unknown field": [{ ...echo, prioritty: 1 }, 400, "request.invalid", "prioritty"],
  "an unknown field further in": [{ ...echo, retry: { maxAtempts: 1 } }, 400, "request.invalid", "retry.maxAtempts"],
  "a field that is not built": [{ ...echo, rateLimit: { limit: 1, period: "1s" } }, 400, "request.invalid", "rateLimit"],
  "a wrong type": [{ ...echo, priority: "urgent" }, 400, "request.invalid", "priority"],
  "a priority out of bounds": [{ ...echo, priority: 1001 }, 400, "request.invalid", "priority"],
  "a bad duration": [{ ...echo, timeout: "soon" }, 400, "request.invalid", "timeout"],
  "a negative duration": [{ ...echo, delay: -1 }, 400, "request.invalid", "delay"],
  "a bad time": [{ ...echo, runAt: "tomorrow" }, 400, "request.invalid", "runAt"],
  "a time to run at beside a delay": [{ ...echo, runAt: "2040-01-01T00:00:00Z", delay: 1 }, 400, "request.invalid", "runAt"],
  "a bad id": [{ ...echo, id: "../etc" }, 400, "request.invalid", "id"],
  "an id that is too long": [{ ...echo, id: "x".repeat(65) }, 400, "request.invalid", "id"],
  "no work at all": [{}, 400, "request.invalid", "type"],
  "two kinds of work": [{ ...echo, script: { inline: "x" } }, 400, "request.invalid", "script"],
  "a kind of work that is not the one it says": [{ ...echo, type: "script" }, 400, "request.invalid", "type"],
  "params under both of their names": [{ ...echo, params: {}, payload: {} }, 400, "request.invalid", "payload"],
  "an output file that leads out": [{ ...echo, outputFiles: ["../secret"] }, 400, "request.invalid", "outputFiles.0"],
  "a null byte in a script": [{ script: { inline: "echo \0" } }, 400, "request.invalid", "script.inline"],
  "a dependency that does not exist": [{ ...echo, dependencies: ["nobody-at-all"] }, 422, "dependency.not_found", "dependencies"],
  "the same dependency twice": [{ ...echo, dependencies: ["a", "a"] }, 400, "request.invalid", "dependencies.1"],
  "an index outside of a batch": [{ ...echo, dependencies: [0] }, 400, "request.invalid", "dependencies.0"],
  "an unknown condition": [{ ...echo, dependencies: [{ job: "a", on: "luck" }] }, 400, "request.invalid", "dependencies.0.on"],
  "a secret that was not allowed": [{ ...echo, env: { X: { secret: "env:HOME" } } }, 422, "secret.unknown", "env.X.secret"],
  "a name of a variable that is none": [{ ...echo, env: { "A B": "x" } }, 400, "request.invalid", "env.A B"],
  "too many tags": [{ ...echo, tags: Array.from({ length: 51 }, (_, index) => `t${index}`) }, 400, "request.invalid", "tags"],
  "a tag that is too long": [{ ...echo, tags: ["x".repeat(257)] }, 400, "request.invalid", "tags.0"],
  "a deadline that is over": [{ ...echo, deadline: "2001-01-01T00:00:00Z" }, 400, "request.invalid", "deadline"],
  "too many attempts": [{ ...echo, retry: { maxAttempts: 101 } }, 400, "request.invalid", "retry.maxAttempts"],
  "a limit of nothing": [{ ...echo, concurrency: { key: "k", limit: 0 } }, 400, "request.invalid", "concurrency.limit"],
};

const pathsOf = ({ errors }: Problem): string[] => (errors ?? []).map(({ path }) => path);

export function badJobs({ promise }: Platform): void {
  for (const [what, [job, status, code, path]] of Object.entries(refusals)) {
    promise(`a job is refused for ${what}`, { needs }, async (api) => {
      const id = own("never");
      const problem = await api.refused("POST", "/v1/jobs", { id, ...job });
      expect(problem).toMatchObject({ status, code, detail: expect.stringMatching(/\w/), requestId: expect.stringMatching(/^req_/) });
      expect(pathsOf(problem)).toContain(path);
      expect(await api.refused("GET", `/v1/jobs/${id}`)).toMatchObject({ status: 404, code: "job.not_found" });
      expect(await api.refused("POST", "/v1/jobs/validate", { id, ...job })).toMatchObject({ status, code });
    });
  }

  promise("all that is wrong with a job is told at once", { needs }, async (api) => {
    const problem = await api.refused("POST", "/v1/jobs", { function: "echo", timeout: "soon", priorty: 1, tags: [7] });
    expect(pathsOf(problem)).toEqual(expect.arrayContaining(["timeout", "priorty", "tags.0"]));
  });

  promise("a misspelt name is answered with the one that was meant", { needs }, async (api) => {
    expect((await api.refused("POST", "/v1/jobs", { function: "ecko" })).detail).toContain("echo");
    expect((await api.refused("POST", "/v1/jobs", { function: "echo", priorty: 1 })).detail).toContain("priority");
  });

  promise("a kind of job that nothing here runs is refused", { needs }, async (api) => {
    const { items } = await api.get<{ items: { types: string[] }[] }>("/v1/executors");
    const able = new Set(items.flatMap(({ types }) => types));
    const all = { script: { inline: "true" }, container: { image: "busybox" } };
    for (const [type, block] of Object.entries(all).filter(([kind]) => !able.has(kind)))
      expect(await api.refused("POST", "/v1/jobs", { [type]: block }), type).toMatchObject({
        status: 422, code: "executor.unavailable", errors: [{ path: "executor" }],
      }); // prettier-ignore
  });

  promise("an executor that runs other jobs is refused", { needs: ["function", "script"] }, async (api) => {
    const { items } = await api.get<{ items: { name: string; types: string[] }[] }>("/v1/executors");
    const { name } = items.find(({ types }) => !types.includes("function"))!;
    expect(await api.refused("POST", "/v1/jobs", { function: "echo", executor: name })).toMatchObject({
      status: 422,
      code: "executor.impossible",
    });
  });
}
