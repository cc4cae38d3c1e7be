import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CreateQueueCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { clientsOf } from "./deploy/clients.ts";
import { until, withEmulator } from "./emulator.given.ts";
import { isHealthy, startEmulator } from "./emulator.ts";

withEmulator("the emulator", ({ clients, emulator }) => {
  test("forgets everything when told to", async () => {
    await clients().sqs.send(new CreateQueueCommand({ QueueName: "forgotten" }));
    await emulator().reset();
    expect((await clients().sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  });

  test("keeps accounts apart", async () => {
    const other = clientsOf({ ...clients().place, account: "111111111111" });
    await clients().sqs.send(new CreateQueueCommand({ QueueName: "mine" }));
    expect((await other.sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  });

  test("says so when its port is taken", async () => {
    await expect(startEmulator({ port: Number(new URL(emulator().url).port) })).rejects.toThrow("is taken");
  });

  test("leaves nothing when it is stopped", async () => {
    const one = await startEmulator();
    await one.stop();
    expect([await isHealthy(one.url), existsSync(one.dir)]).toEqual([false, false]);
  });

  test("ends with the process that started it, and leaves nothing then either", async () => {
    const code = `import { startEmulator } from ${JSON.stringify(join(import.meta.dirname, "emulator.ts"))};
      console.log(JSON.stringify(await startEmulator()));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
    const { url, dir } = await new Promise<{ url: string; dir: string }>((told) => parent.stdout.once("data", (text) => told(JSON.parse(String(text)) as { url: string; dir: string }))); // prettier-ignore
    expect(await isHealthy(url)).toBe(true);
    parent.kill("SIGKILL");
    await until(async () => ((await isHealthy(url)) || existsSync(dir) ? null : true));
  });
});
