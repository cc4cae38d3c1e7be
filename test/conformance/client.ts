// `switchyard/client` against the platform, as a user's program has it.
import { expect } from "vitest";
import { Client } from "../../shared/sdk/client.ts";
import { own } from "./api.ts";
import type { Platform } from "./platform.ts";
import { letters } from "./workflows.ts";

const needs = ["function"] as const;

export function client({ promise }: Platform): void {
  promise("the client submits a job, waits for it, and reads what it left", { needs }, async ({ reached }) => {
    const job = await new Client(reached).submit({ function: "echo", params: { value: 3, say: "hello" } });
    expect(await job.getResult()).toEqual({ value: 3, env: null });
    expect([await job.isCompleted(), await job.hasFailed(), await job.isRunning()]).toEqual([true, false, false]);
    const texts: string[] = [];
    for await (const { text } of job.logs()) texts.push(text);
    expect(texts).toEqual(["hello"]);
  });

  promise(
    "parity/S5 a job runs on the runner that it was given, and one that there is not is refused clearly",
    { needs },
    async ({ reached }) => {
      const program = new Client(reached);
      const { executor } = (await program.submit({ function: "echo" })).shown;
      const job = program.newJob({ function: "echo", params: { value: 2 } });
      expect(() => job.id).toThrow(/not submitted/);
      await job.setRunner(executor).run();
      expect(await job.getResults()).toEqual({ value: 2, env: null });
      await expect(program.newJob({ function: "echo" }).setRunner("mainframe").run()).rejects.toMatchObject({
        code: "executor.unavailable",
      });
    },
  );

  promise("parity/S6 a job is completed, failed and cancelled by hand", { needs }, async ({ reached }) => {
    const make = () => new Client(reached).submit({ function: "echo", autoStart: false });
    const [first, second, third] = await Promise.all([make(), make(), make()]);
    expect((await first.complete({ by: "hand" })).state).toBe("completed");
    expect(await first.getResult()).toEqual({ by: "hand" });
    await second.fail("no use");
    expect(await second.hasFailed()).toBe(true);
    await expect(second.getResult()).rejects.toMatchObject({ code: "result.not_found" });
    await expect(second.updateState("running")).rejects.toMatchObject({ code: "job.wrong_state" });
    await third.cancel();
    expect((await third.wait()).state).toBe("cancelled");
  });

  promise("the client's errors carry the code and the fields of the problem", { needs }, async ({ reached }) => {
    await expect(new Client(reached).submit({ function: "flaky", params: {} })).rejects.toMatchObject({
      name: "SwitchyardError",
      code: "function.invalid_params",
      faults: [{ path: "params.until" }],
    });
    await expect(new Client({ ...reached, token: "wrong" }).jobs()).rejects.toMatchObject({ code: "auth.invalid" });
  });

  promise("the client submits once under an idempotency key", { needs }, async ({ reached }) => {
    const options = { idempotencyKey: own("key") };
    const submit = () => new Client(reached).submit({ function: "echo" }, options);
    expect((await submit()).id).toBe((await submit()).id);
  });

  promise("the client stores a workflow and runs it", { needs }, async ({ reached }) => {
    const name = own("flow");
    const program = new Client(reached);
    expect(await program.applyWorkflow(name, letters)).toMatchObject({ name, version: 1 });
    const run = await program.runWorkflow(name, { base: 1 });
    expect(await run.wait()).toMatchObject({ state: "completed" });
  });
}
