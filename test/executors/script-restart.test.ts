// A server ends, its scripts go on, and the next server takes them over.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import type { SpawnedProcess } from "../../shared/adapters/local/script/messages.ts";
import { isAlive } from "../../shared/adapters/local/script/processes.ts";
import type { Task } from "../../shared/ports/executor.ts";
import { fileIn, folderOf, logOf, newExecutor, newFolder, newTask, processesOf, Reports } from "./script-support.ts";

const WAITS_FOR_GO = "touch ready; while ! [ -e go ]; do sleep 0.02; done; echo went on; echo '::result a=1'; exit 4";

const workOf = (dataDir: string, task: Task): string => join(folderOf(dataDir, task), "work");
const processOf = (dataDir: string, task: Task): SpawnedProcess =>
  JSON.parse(readFileSync(join(folderOf(dataDir, task), "process.json"), "utf8")) as SpawnedProcess;

async function startedElsewhere(dataDir: string, script: string): Promise<Task> {
  const task = newTask({ script });
  const before = newExecutor({ dataDir });
  const reports = new Reports();
  before.start(task, reports);
  await reports.hasStarted;
  await fileIn(workOf(dataDir, task), "ready");
  await before.close();
  return task;
}

test("a script that outlived its server ends with its exit code", async () => {
  const dataDir = newFolder();
  const task = await startedElsewhere(dataDir, WAITS_FOR_GO);
  const reports = new Reports();
  const adopted = await newExecutor({ dataDir }).adopt(task, reports);
  expect(adopted).toEqual({ startedAt: processOf(dataDir, task).startedAt });
  writeFileSync(join(workOf(dataDir, task), "go"), "");
  expect(await reports.outcome).toMatchObject({ exitCode: 4, failure: { code: "process.exit_4" } });
  expect((await logOf(dataDir, task)).map(({ text }) => text)).toEqual(["went on", "::result a=1"]);
});

test("a script that ended while there was no server ends with its exit code", async () => {
  const dataDir = newFolder();
  const task = await startedElsewhere(dataDir, WAITS_FOR_GO.replace("exit 4", "exit 0"));
  writeFileSync(join(workOf(dataDir, task), "go"), "");
  await fileIn(folderOf(dataDir, task), "exit.json");
  const reports = new Reports();
  expect(await newExecutor({ dataDir }).adopt(task, reports)).not.toBe(false);
  expect(await reports.outcome).toEqual({ exitCode: 0, result: '{"a":1}' });
  expect(reports.endings).toBe(1);
});

test("a script that outlived its server can be stopped, with all it started", async () => {
  const dataDir = newFolder();
  const task = await startedElsewhere(dataDir, "trap '' TERM; setsid sleep 300 & touch ready; while :; do sleep 1; done");
  const reports = new Reports();
  const next = newExecutor({ dataDir });
  await next.adopt(task, reports);
  next.stop(task.attemptId, { graceMs: 50 });
  expect(await reports.outcome).toEqual({ stopped: true });
  expect(processesOf(task.attemptId)).toEqual([]);
});

test("an attempt that never began is not adopted", async () => {
  expect(await newExecutor().adopt(newTask({ script: "true" }), new Reports())).toBe(false);
});

test("the spawner ends once nobody needs it", async () => {
  const dataDir = newFolder();
  const task = await startedElsewhere(dataDir, WAITS_FOR_GO);
  const { spawner } = processOf(dataDir, task);
  writeFileSync(join(workOf(dataDir, task), "go"), "");
  await fileIn(folderOf(dataDir, task), "exit.json");
  await expect.poll(() => isAlive(spawner)).toBe(false);
});

test("scripts of a spawner that was killed are lost and gone, and the next script starts", async () => {
  const dataDir = newFolder();
  const executor = newExecutor({ dataDir });
  const task = newTask({ script: "setsid sleep 300 & touch ready; sleep 300" });
  const reports = new Reports();
  executor.start(task, reports);
  await reports.hasStarted;
  await fileIn(workOf(dataDir, task), "ready");
  process.kill(processOf(dataDir, task).spawner.pid, "SIGKILL");
  expect(await reports.outcome).toEqual({ lost: expect.stringContaining("SIGKILL") });
  expect(processesOf(task.attemptId)).toEqual([]);
  const next = new Reports();
  executor.start(newTask({ script: "echo again" }), next);
  expect(await next.outcome).toMatchObject({ exitCode: 0 });
});

test("a script whose server and spawner were both killed is killed too, and not adopted", async () => {
  const dataDir = newFolder();
  const task = await startedElsewhere(dataDir, "setsid sleep 300 & touch ready; sleep 300");
  const { spawner } = processOf(dataDir, task);
  process.kill(spawner.pid, "SIGKILL");
  await expect.poll(() => isAlive(spawner)).toBe(false);
  expect(await newExecutor({ dataDir }).adopt(task, new Reports())).toBe(false);
  expect(processesOf(task.attemptId)).toEqual([]);
});

test("a spawner killed after the adoption leaves the attempt lost", async () => {
  const dataDir = newFolder();
  const task = await startedElsewhere(dataDir, "touch ready; sleep 300");
  const reports = new Reports();
  await newExecutor({ dataDir }).adopt(task, reports);
  process.kill(processOf(dataDir, task).spawner.pid, "SIGKILL");
  expect(await reports.outcome).toMatchObject({ lost: expect.any(String) });
  expect(processesOf(task.attemptId)).toEqual([]);
});

test("a kill of the server's whole session does not reach its scripts", async () => {
  const dataDir = newFolder();
  const task = newTask({ script: WAITS_FOR_GO });
  const server = `
    import { ScriptExecutor } from ${JSON.stringify(new URL("../../shared/adapters/local/script/executor.ts", import.meta.url).href)};
    const clock = { now: Date.now, at: () => () => {} };
    const executor = new ScriptExecutor({ dataDir: ${JSON.stringify(dataDir)}, size: 1, inheritEnv: [], allowDirs: [], clock });
    executor.start(${JSON.stringify(task)}, { started: () => console.log("started"), progress() {}, ended() {} });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", server], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) if (line === "started") break;
  await fileIn(workOf(dataDir, task), "ready");
  const killed = new Promise((resolve) => child.on("exit", resolve));
  process.kill(-child.pid!, "SIGKILL");
  await killed;
  const reports = new Reports();
  expect(await newExecutor({ dataDir }).adopt(task, reports)).not.toBe(false);
  writeFileSync(join(workOf(dataDir, task), "go"), "");
  expect(await reports.outcome).toMatchObject({ exitCode: 4, failure: { code: "process.exit_4" } });
});
