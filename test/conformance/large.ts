// What is too large to be shown, but not too large.
import { expect } from "vitest";
import type { JobShown } from "./api.ts";
import type { BatchShown } from "./batches.ts";
import type { Platform } from "./platform.ts";
import { applied } from "./workflows.ts";
import { over, type RunShown } from "./runs.ts";

const needs = ["function"] as const;
const KB = 1024;

export function large({ promise }: Platform): void {
  promise("params of 1 MB reach the function whole, and are shown again", { needs }, async (api) => {
    const take = "é".repeat(512 * KB);
    const job = await api.finish({ function: "big", params: { take } });
    expect(job).toMatchObject({ state: "completed", result: { taken: take.length + 2 } });
    expect((job.params as { take: string }).take).toBe(take);
  });

  promise("a result of up to 64 KB is shown with its job, a larger one is at an address of its own", { needs }, async (api) => {
    const shown = await api.finish({ function: "big", params: { leave: 60 * KB } });
    expect(shown).toHaveProperty("result");
    expect(shown).not.toHaveProperty("resultUrl");
    const larger = await api.finish({ function: "big", params: { leave: 70 * KB } });
    expect(larger).not.toHaveProperty("result");
    for (const path of [String(larger.resultUrl), `/v1/jobs/${larger.id}/result`])
      expect((await api.get<{ text: string }>(path)).text, path).toHaveLength(70 * KB);
  });

  promise("a result of 4 MB is kept, and one larger than the limit fails its job", { needs }, async (api) => {
    const kept = await api.finish({ function: "big", params: { leave: 4000 * KB } });
    expect(kept.state).toBe("completed");
    expect((await api.get<{ text: string }>(`/v1/jobs/${kept.id}/result`)).text).toHaveLength(4000 * KB);
    const tooLarge = await api.finish({ function: "big", params: { leave: 6000 * KB }, retry: { maxAttempts: 2, delay: 0 } });
    expect(tooLarge).toMatchObject({ state: "failed", attempt: 1, error: { code: "output.too_large" } });
  });

  promise("large results reach those who wait for them", { needs }, async (api) => {
    const jobs = [
      { function: "big", params: { leave: 400 * KB } },
      { function: "big", params: { leave: 300 * KB } },
      { function: "big", dependencies: [0, 1] },
    ];
    const batch = await api.post<BatchShown>("/v1/batches", { jobs });
    const join: JobShown = await api.end(batch.jobs[2]!);
    expect((join.result as { inputs: number }).inputs).toBeGreaterThan(700 * KB);
  });

  promise("a large result of a step is referred to by the next", { needs }, async (api) => {
    const name = await applied(api, {
      steps: {
        make: { function: "big", params: { leave: 200 * KB } },
        use: { after: ["make"], function: "big", params: { take: { $from: "steps.make.result.text" } } },
      },
      final: "use",
    });
    const run = await over(api, await api.post<RunShown>(`/v1/workflows/${name}/runs`));
    expect(run).toMatchObject({ state: "completed", result: { taken: 200 * KB + 2 } });
  });
}
