// Definitions in hand, run on the caller's own thread.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { inlineFunctions, InlineExecutor } from "../../shared/adapters/local/functions/inline-executor.ts";
import { defineJob, NonRetryableError } from "../../shared/sdk/index.ts";
import { begin, newTask, run } from "./function-support.ts";
import { folderOf, logOf, newFolder } from "./script-support.ts";

const release = Promise.withResolvers<void>();
const greet = defineJob({
  name: "greet",
  params: z.object({ name: z.string().default("you") }),
  run({ name }, ctx) {
    if (name === "nobody") throw new NonRetryableError("there is nobody", { code: "nobody" });
    if (name !== "you") ctx.log(`it is ${name}`);
    return `hello ${name}`;
  },
});
const patient = defineJob({
  name: "patient",
  params: z.object({}),
  async run(_params, ctx) {
    ctx.progress(1);
    await release.promise;
  },
});

const dataDir = newFolder();
const functions = inlineFunctions([greet, patient]);
const executor = new InlineExecutor({ functions, dataDir });

describe("a definition in hand", () => {
  test("runs as it would in a thread", async () => {
    const task = newTask({ function: "greet" });
    expect(await run(executor, task)).toEqual({ result: '"hello you"' });
    expect(existsSync(folderOf(dataDir, task))).toBe(false);
    const other = newTask({ function: "greet", params: { name: "Ada" }, secrets: ["Ada"] });
    expect(await run(executor, other)).toEqual({ result: '"hello ***"' });
    expect((await logOf(dataDir, other)).map(({ text }) => text)).toEqual(["it is ***"]);
    expect(await run(executor, newTask({ function: "greet", params: { name: 1 } }))).toMatchObject({
      failure: { code: "function.invalid_params" },
    });
    expect(await run(executor, newTask({ function: "greet", params: { name: "nobody" } }))).toMatchObject({
      failure: { code: "user.nobody", retryable: false },
    });
  });

  test("has ended when it really has, though it was stopped before", async () => {
    const task = newTask({ function: "patient" });
    const reports = begin(executor, task);
    await reports.hasTold;
    executor.stop(task.attemptId);
    await run(executor, newTask({ function: "greet" }));
    expect(reports.endings).toBe(0);
    release.resolve();
    expect(await reports.outcome).toEqual({ stopped: true });
  });

  test("is described, and refused if it is faulty", () => {
    expect(functions.get("greet")).toMatchObject({ name: "greet", isolation: "thread", paramsSchema: { type: "object" } });
    expect(executor.accepts(newTask({ function: "gret" }).spec)).toMatchObject({ code: "function.unknown" });
    const dated = defineJob({ name: "dated", params: z.object({ at: z.date() }), run: () => 1 });
    expect(() => inlineFunctions([dated])).toThrow(/"dated".*at: /s);
    expect(() => inlineFunctions([greet, greet])).toThrow("Two jobs are called greet.");
  });
});
