// How jobs fail, as they tell it.
import { expect } from "vitest";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;

export function failures({ promise }: Platform): void {
  promise("what a function throws is its job's error, and whatever it left is no result", { needs }, async (api) => {
    const job = await api.finish({ function: "failing", params: { how: "throws" } });
    expect(job).toMatchObject({
      state: "failed", attempt: 1, error: { code: "function.threw", message: "no such table", retryable: true, details: { name: "TypeError" } },
    }); // prettier-ignore
    expect(job).not.toHaveProperty("result");
    expect(await api.types(job.id)).toEqual(["job.created", "job.started", "attempt.failed", "job.failed"]);
  });

  promise("a function names its own code and details, and says that trying again is of no use", { needs }, async (api) => {
    const job = await api.finish({ function: "failing", params: { how: "final" }, retry: { maxAttempts: 5, delay: 0 } });
    const error = { code: "user.card_declined", message: "card declined", retryable: false, details: { bank: "B" } };
    expect(job).toMatchObject({ state: "failed", attempt: 1, error });
  });

  promise("a function that ends its process fails by its exit code, and the next one runs", { needs }, async (api) => {
    expect(await api.finish({ function: "failing", params: { how: "exits" } })).toMatchObject({
      state: "failed",
      error: { code: "process.exit_3" },
    });
    expect(await api.finish({ function: "failing", params: { how: "returns" } })).toMatchObject({
      state: "completed",
      result: { count: 1 },
    });
  });

  promise("a result that is not what the function promises is a failure that names the field", { needs }, async (api) => {
    const { error } = await api.finish({ function: "failing", params: { how: "brokenPromise" } });
    expect(error).toMatchObject({ code: "function.invalid_result", message: expect.stringContaining("count"), retryable: false });
  });

  promise("params that only the function itself can refuse fail its attempt, once", { needs }, async (api) => {
    const retry = { maxAttempts: 3, delay: 0 };
    const job = await api.finish({ function: "failing", params: { how: "returns", word: "taboo" }, retry });
    expect(job).toMatchObject({ state: "failed", attempt: 1, error: { code: "function.invalid_params" } });
  });

  promise("a declared output file that is not there fails the job, whatever the function returned", { needs }, async (api) => {
    const job = await api.finish({ function: "writer", params: { files: { "b.txt": "b" } }, outputFiles: ["a.txt", "b.txt"] });
    expect(job).toMatchObject({ state: "failed", error: { code: "output.missing", message: expect.stringContaining("a.txt") } });
    const there = await api.finish({ function: "writer", params: { files: { "b.txt": "b" } }, outputFiles: ["b.txt"] });
    expect(there.state).toBe("completed");
  });
}
