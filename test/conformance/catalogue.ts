// What there is to run, where, and within which limits.
import { expect } from "vitest";
import type { Platform } from "./platform.ts";

export function catalogue({ promise }: Platform): void {
  promise("functions are listed with the JSON Schema of their params", { needs: ["function"] }, async (api) => {
    const { items } = await api.get<{ items: { name: string }[] }>("/v1/functions");
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(["echo", "flaky", "modest"]));
    expect(items.find(({ name }) => name === "flaky")).toMatchObject({
      params: { type: "object", properties: { until: { type: "integer" } }, required: ["until"] },
    });
    expect(await api.get("/v1/functions/failing")).toMatchObject({ result: { type: "object", properties: { count: { type: "number" } } } });
    expect(await api.get("/v1/functions/modest")).toMatchObject({
      description: "Never ends by itself", timeout: "1s", retry: { maxAttempts: 2 }, isolation: "thread",
    }); // prettier-ignore
  });

  promise("a function that there is not is answered with the one that was meant", { needs: ["function"] }, async (api) => {
    const problem = await api.refused("GET", "/v1/functions/ecko");
    expect(problem).toMatchObject({ status: 404, code: "function.not_found", detail: expect.stringContaining("echo") });
  });

  promise("executors are listed with the kinds of jobs that they run, and each job names its own", { needs: ["function"] }, async (api) => {
    const { items } = await api.get<{ items: { name: string; types: string[] }[] }>("/v1/executors");
    const { executor } = await api.submit({ function: "echo" });
    expect(items.find(({ name }) => name === executor)!.types).toContain("function");
    const named = await api.finish({ function: "echo", executor });
    expect(named).toMatchObject({ state: "completed", executor });
  });

  promise("limits are named", {}, async (api) => {
    expect(await api.get("/v1/limits")).toMatchObject({
      bodyBytes: 5 * 1024 * 1024, nesting: 64, logLineBytes: 65_536, resultShownBytes: 65_536, listItems: 200, logLines: 1000,
      jobsPerBatch: 10_000, tagsPerJob: 50, tagChars: 256,
    }); // prettier-ignore
  });
}
