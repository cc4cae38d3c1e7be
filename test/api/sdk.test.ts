// What users write in their own programs.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineJob, defineWorkflow } from "../../shared/sdk/index.ts";
import { openLocal, type Local } from "../../shared/sdk/local.ts";

const add = defineJob({
  name: "add",
  params: z.object({ x: z.number(), y: z.number() }),
  result: z.object({ sum: z.number() }),
  run: ({ x, y }) => ({ sum: x + y }),
});
const fail = defineJob({ name: "fail", params: z.object({}), run: () => Promise.reject(new Error("on purpose")) });
const wait = defineJob({
  name: "wait",
  params: z.object({}),
  run: (_params, { signal }) => new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null))),
});

let local: Local;
beforeAll(async () => {
  local = await openLocal({ dir: ":memory:", jobs: [add, fail, wait] });
});
afterAll(() => local.close());

describe("the engine in one's own process", () => {
  test("parity/S1 a function job with params x 1 and y 2 results in 3", async () => {
    const job = await local.client.submit({ function: "add", params: { x: 1, y: 2 } });
    expect(await job.getResult()).toEqual({ sum: 3 });
    expect([await job.isCompleted(), await job.hasFailed(), await job.isRunning()]).toEqual([true, false, false]);
  });

  test("a failure is the job's, not the caller's", async () => {
    const job = await local.client.submit({ function: "fail" });
    expect(await job.wait()).toMatchObject({ state: "failed", error: { code: "function.threw", message: "on purpose" } });
  });

  test("a cancelled function sees its signal", async () => {
    const job = await local.client.submit({ function: "wait" });
    await job.cancel();
    expect((await job.wait()).state).toBe("cancelled");
  });

  test("parity/G2 a workflow is executed, and answers what each step left", async () => {
    const sums = defineWorkflow({
      name: "sums",
      params: z.object({ start: z.number() }),
      steps: ({ params, step, matrix }) => {
        const first = step(add, { params: { x: params.start, y: 1 } });
        const each = matrix(add, { y: [10, 20] }, { params: ({ y }) => ({ x: first.result.sum, y }) });
        return { first, each };
      },
    });
    const results = await sums.execute({ start: 4 }, local.client);
    expect(results.first.sum).toBe(5);
    expect(results.each.map(({ matrix, result }) => [matrix.y, result.sum])).toEqual([[10, 15], [20, 25]]); // prettier-ignore
  });

  test("100 jobs submitted at once all end", async () => {
    const jobs = await Promise.all(Array.from({ length: 100 }, (_, x) => local.client.submit({ function: "add", params: { x, y: 0 } })));
    expect(await Promise.all(jobs.map((job) => job.getResult()))).toEqual(Array.from({ length: 100 }, (_, sum) => ({ sum })));
  });
});
