// Which thread or process takes which turn, and what becomes of turns when one of them dies.
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FunctionExecutor } from "../../shared/adapters/local/functions/executor.ts";
import { FunctionRegistry } from "../../shared/adapters/local/functions/registry.ts";
import { act, acting, begin, fixtures, jobFile, jobsFolder, newExecutor, newTask, run, valueOf } from "./function-support.ts";
import { fileIn, folderOf, newFolder } from "./script-support.ts";

/** Connections to it end when whoever holds them dies: the kernel says so, whatever state he is in. */
async function lifeline(): Promise<{ path: string; connected: Promise<Socket>; allClosed: Promise<void> }> {
  const connected = Promise.withResolvers<Socket>();
  const allClosed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    connected.resolve(socket);
    socket.on("close", () => allClosed.resolve()).on("error", () => undefined).resume(); // prettier-ignore
  });
  const path = join(newFolder(), "lifeline");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return { path, connected: connected.promise, allClosed: allClosed.promise };
}

async function warm(executor: FunctionExecutor, calls = 20): Promise<void> {
  for (let call = 0; call < calls; call++) await act(executor, "nothing");
}

describe("turns in hand", () => {
  test("are none at first, many while jobs are short, and none again when they turn out long", async () => {
    const executor = await newExecutor({ prefetchMax: 20 });
    expect(executor.capacity).toBe(2);
    await warm(executor, 200);
    expect(executor.capacity).toBeGreaterThan(2);
    expect(executor.capacity).toBeLessThanOrEqual(22);
    const long = [begin(executor, acting("sleep", { count: 300 })), begin(executor, acting("sleep", { count: 300 }))];
    const short = Array.from({ length: 10 }, () => begin(executor, acting("nothing")));
    expect(await Promise.all(short.map(({ outcome }) => outcome))).toEqual(short.map(() => ({ returned: true })));
    expect(executor.capacity).toBe(2);
    expect(await Promise.all(long.map(({ outcome }) => outcome))).toEqual([{ result: "null" }, { result: "null" }]);
  });

  test("one that was returned had not begun", async () => {
    const executor = await newExecutor({ size: 1 });
    await warm(executor);
    const busy = begin(executor, acting("loop"));
    await busy.hasTold;
    let started = 0;
    const waiting = Array.from({ length: 40 }, () => acting("speaks", { text: "never" }));
    const ends = waiting.map((task) => new Promise((ended) => executor.start(task, { started: () => started++, progress: () => undefined, ended }))); // prettier-ignore
    expect(await Promise.all(ends)).toEqual(waiting.map(() => ({ returned: true })));
    expect(started).toBe(0);
  });

  test("one that is stopped before it begins ends at once, and never runs", async () => {
    const dataDir = newFolder();
    const executor = await newExecutor({ dataDir, size: 1 });
    await warm(executor);
    const busy = acting("loop");
    await begin(executor, busy).hasTold;
    const task = acting("speaks", { text: "never" });
    const reports = begin(executor, task);
    executor.stop(task.attemptId, { graceMs: 60_000 });
    expect(await reports.outcome).toEqual({ stopped: true });
    executor.stop(busy.attemptId, { graceMs: 0 });
    await act(executor, "nothing");
    expect(existsSync(folderOf(dataDir, task))).toBe(false);
  });

  test("a thousand of them all get their own answer, though some are stopped and threads die under others", async () => {
    const executor = await newExecutor();
    const isOurs = (outcome: object): boolean => "returned" in outcome || "lost" in outcome;
    const answers = Array.from({ length: 1000 }, async (_, index) => {
      const kind = ["exit", "stop"][[50, 20].indexOf(index % 100)] ?? "echo";
      for (;;) {
        const task = kind === "exit" ? acting("exit", { count: 7 }) : acting("echo", { text: String(index) });
        const { outcome } = begin(executor, task);
        if (kind === "stop") setImmediate(() => executor.stop(task.attemptId, { graceMs: 0 }));
        const answer = await outcome;
        if (!isOurs(answer)) return { kind, index, answer };
      }
    });
    const wrong = (await Promise.all(answers)).filter(({ kind, index, answer }) => {
      if (kind === "exit") return !("failure" in answer) || answer.failure.code !== "process.exit_7";
      return !(kind === "stop" && "stopped" in answer) && JSON.stringify(valueOf(answer)) !== `{"text":"${index}"}`;
    });
    expect(wrong).toEqual([]);
  });
});

describe("a thread", () => {
  test("that cannot be killed yet is replaced, and its attempt has not ended before it is gone", async () => {
    const executor = await newExecutor({ size: 1 });
    await warm(executor, 2);
    const folder = newFolder();
    const task = acting("nativeSleep", { count: 2.5, text: join(folder, "asleep") });
    const reports = begin(executor, task);
    await fileIn(folder, "asleep");
    executor.stop(task.attemptId, { graceMs: 0 });
    let other: unknown = { returned: true };
    while (JSON.stringify(other) === '{"returned":true}') other = await act(executor, "nothing");
    expect(other).toEqual({ result: "null" });
    expect(reports.endings).toBe(0);
    expect(await reports.outcome).toEqual({ stopped: true });
  });

  test("is not there before the first job", async () => {
    let threads = 0;
    const count = (): void => void threads++;
    process.on("worker", count);
    onTestFinished(() => void process.off("worker", count));
    const registry = await fixtures();
    const described = threads;
    const executor = await newExecutor({ registry });
    expect(executor.accepts(newTask({}).spec)).toBe(null);
    expect(threads).toBe(described);
    await act(executor, "nothing");
    expect(threads).toBe(described + 1);
  });

  test("that dies by an error of nobody's is replaced, and who ran in it is lost, not failed", async () => {
    const text = `setInterval(() => { if (globalThis.isArmed) throw new Error("of nobody"); }, 1);\n`;
    const jobsDir = jobsFolder({ "a.ts": text + jobFile("a", "({ arm }) => { globalThis.isArmed = arm; return arm && new Promise(() => undefined); }", "z.object({ arm: z.boolean() })") }); // prettier-ignore
    const executor = await newExecutor({ registry: await FunctionRegistry.open({ jobsDir, cacheDir: newFolder() }), size: 1 });
    expect(await run(executor, newTask({ function: "a", params: { arm: false } }))).toEqual({ result: "false" });
    expect(await run(executor, newTask({ function: "a", params: { arm: true } }))).toEqual({ lost: expect.stringContaining("of nobody") });
    expect(await run(executor, newTask({ function: "a", params: { arm: false } }))).toEqual({ result: "false" });
  });

  test("that an earlier job ends is replaced, and who ran in it is lost, not failed", async () => {
    const executor = await newExecutor({ size: 1 });
    await act(executor, "exitsLater");
    expect(await act(executor, "letTheOtherGoOn")).toEqual({ lost: expect.stringContaining("process.exit(5)") });
    expect(await act(executor, "nothing")).toEqual({ result: "null" });
  });

  test("is there for each function in its turn, though another keeps all threads busy with short jobs", async () => {
    const executor = await newExecutor({ size: 1 });
    await warm(executor, 200);
    let isOver = false;
    const flood = Array.from({ length: executor.capacity }, async () => {
      while (!isOver) await act(executor, "nothing");
    });
    let outcome: unknown = { returned: true };
    let returns = -1;
    for (; JSON.stringify(outcome) === '{"returned":true}'; returns++)
      outcome = await run(executor, newTask({ function: "typed", params: { size: 1 } }));
    isOver = true;
    await Promise.all(flood);
    expect([outcome, returns]).toEqual([{ result: '{"label":"1 kg"}' }, 0]);
  });
});

describe("an executor", () => {
  test("refuses a function that is not there, and says which may be meant", async () => {
    const executor = await newExecutor();
    expect(executor.accepts(newTask({ function: "typd" }).spec)).toEqual({
      code: "function.unknown",
      path: "function",
      message: expect.stringMatching(/"typd".*Did you mean typed\?.*GET \/v1\/functions/s),
    });
  });

  test("that is closed leaves nothing running and reports nothing more", async () => {
    const executor = await newExecutor();
    const { path, allClosed } = await lifeline();
    const reports = begin(executor, acting("connectThenLoop", { function: "act-isolated", text: path }));
    await reports.hasTold;
    await executor.close();
    await allClosed;
    expect(reports.endings).toBe(0);
    expect(await begin(executor, acting("nothing")).outcome).toEqual({ returned: true });
  });
});

describe("a process of its own", () => {
  test("may crash and takes nobody along", async () => {
    const executor = await newExecutor();
    const other = begin(executor, acting("sleep", { count: 500 }));
    expect(await act(executor, "crash", { function: "act-isolated" })).toEqual({
      failure: { code: "process.signal_SIGSEGV", message: expect.any(String), retryable: true },
    });
    expect(await other.outcome).toEqual({ result: "null" });
  });

  test("is another than the server's, and is used again", async () => {
    const executor = await newExecutor();
    const pid = async (name: string) => (valueOf(await act(executor, "thread", { function: name })) as { pid: number }).pid;
    const first = await pid("act-isolated");
    expect(first).not.toBe(process.pid);
    expect(await pid("act-isolated")).toBe(first);
    expect(await pid("act")).toBe(process.pid);
  });

  test("takes the processes that it started along when it is killed", async () => {
    const executor = await newExecutor();
    const { path, connected, allClosed } = await lifeline();
    const task = acting("childThenLoop", { function: "act-isolated", text: path });
    const reports = begin(executor, task);
    await connected;
    executor.stop(task.attemptId, { graceMs: 0 });
    expect(await reports.outcome).toEqual({ stopped: true });
    await allClosed;
  });

  test("ends itself when the server is killed, even within an endless loop", async () => {
    const { path, connected, allClosed } = await lifeline();
    const server = fork(join(import.meta.dirname, "function-server.ts"), [newFolder(), path], {
      stdio: "inherit",
      execArgv: ["--no-warnings"],
    });
    await new Promise((resolve) => server.once("message", resolve));
    await connected;
    server.kill("SIGKILL");
    await expect(allClosed).resolves.toBe(undefined);
  });
});
