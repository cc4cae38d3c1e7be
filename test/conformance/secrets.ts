import { expect } from "vitest";
import { own } from "./api.ts";
import { linesOf } from "./logs.ts";
import type { Platform } from "./platform.ts";

const needs = ["function", "secret"] as const;

export function secrets({ promise }: Platform): void {
  promise("a job gets its secret, which is told nowhere", { needs }, async (api) => {
    const { reference, value } = api.reached.secret!;
    const job = await api.finish({
      function: "echo",
      params: { say: `the secret is ${value}`, value: [{ [value]: `it is ${value}!` }] },
      env: { SECRET: { secret: reference } },
    });
    expect(job).toMatchObject({ state: "completed", env: { SECRET: { secret: reference } } });
    expect(job.result).toEqual({ value: [{ "***": "it is ***!" }], env: "***" });
    expect((await linesOf(api, job.id)).map(({ text }) => text)).toEqual(["the secret is ***"]);
    const { params: _said, ...told } = job;
    expect(JSON.stringify([told, await api.history(job.id), await api.all(`/v1/jobs/${job.id}/attempts`)])).not.toContain(value);
  });

  promise("a secret that there is not refuses the job, or fails it where only reading it tells", { needs }, async (api) => {
    const { reference } = api.reached.secret!;
    const response = await api.request("POST", "/v1/jobs", { function: "echo", env: { SECRET: { secret: reference + own("x") } } });
    const answer = (await response.json()) as { id: string; code: string };
    if (response.status === 422) return expect(answer.code).toBe("secret.unknown");
    expect(await api.end(answer)).toMatchObject({ state: "failed", error: { code: "secret.unavailable" } });
  });
}
