import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesOf } from "../../shared/attempt/folder.ts";
import { act, acting, begin, newExecutor, newTask, run, valueOf } from "./function-support.ts";
import { folderOf, logOf, newFolder } from "./script-support.ts";

const dataDir = newFolder();
const executor = await newExecutor({ dataDir });
const failure = (more: object) => ({ failure: expect.objectContaining(more) });
const isolations = ["act", "act-isolated"] as const;

describe("what a function gets and gives", () => {
  test("its result is what it returns, as JSON; nothing is null", async () => {
    expect(await act(executor, "echo", { text: "hi" })).toEqual({ result: '{"text":"hi"}' });
    expect(await act(executor, "nothing")).toEqual({ result: "null" });
  });

  test("its params are parsed: defaults are there, and what does not fit is a failure that names the field", async () => {
    expect(await run(executor, newTask({ function: "typed", params: { size: 3, unit: " g " } }))).toEqual({ result: '{"label":"3 g"}' });
    expect(await run(executor, newTask({ function: "typed", params: { size: 0 } }))).toEqual(
      failure({ code: "function.invalid_params", retryable: false, message: expect.stringContaining("size: ") }),
    );
  });

  test("a result that breaks its promise, or is no JSON, is refused", async () => {
    const invalid = (message: string) => failure({ code: "function.invalid_result", message: expect.stringContaining(message) });
    expect(await run(executor, newTask({ function: "typed", params: { size: 1234567 } }))).toEqual(invalid("label: "));
    expect(await act(executor, "bigint")).toEqual(invalid("BigInt"));
    expect(await act(executor, "cycle")).toEqual(invalid("circular"));
    expect(await act(executor, "deep")).toEqual(invalid("64 levels"));
    expect(await act(executor, "large", { count: 5_000_001 })).toEqual(failure({ code: "output.too_large", retryable: false }));
  });

  test("it knows its job, its attempt and the results of its dependencies", async () => {
    const task = acting("context", {
      job: { id: "own-id", name: "a name", runId: "run_1", step: "first" },
      attempt: 3,
      inputs: { a: { n: 1 } },
    });
    expect(valueOf(await run(executor, task))).toEqual({
      job: { id: "own-id", name: "a name", runId: "run_1", step: "first" },
      attempt: 3,
      inputs: { a: { n: 1 } },
    });
  });

  test("a checkpoint is there again in the next attempt", async () => {
    const first = acting("save", { text: "half way" });
    expect(valueOf(await run(executor, first))).toEqual({ before: null });
    expect(valueOf(await run(executor, acting("save", { job: { id: first.job.id }, attempt: 2 })))).toEqual({
      before: { text: "half way" },
    });
  });

  test("it may leave artifacts, but nowhere else", async () => {
    const task = acting("output", { text: "charts/a.svg" });
    const path = join(filesOf(folderOf(dataDir, task)).artifacts, "charts/a.svg");
    expect(valueOf(await run(executor, task))).toEqual({ path });
    expect(existsSync(join(path, ".."))).toBe(true);
    for (const text of ["../a", "a/../../b", "/etc/passwd", "", ".", "a/", "a\0b"]) {
      expect(await act(executor, "output", { text })).toEqual(
        failure({ code: "function.threw", details: expect.objectContaining({ name: "RangeError" }) }),
      );
    }
  });

  test("a declared output that is not there fails it", async () => {
    const spec = { outputFiles: ["report.pdf"] };
    expect(await act(executor, "nothing", { spec })).toEqual(
      failure({ code: "output.missing", message: expect.stringContaining("report.pdf") }),
    );
  });

  test("the last of many progress reports arrives before the end, and few of the others", async () => {
    const reports = begin(executor, acting("progressFlood", { count: 20_000 }));
    await reports.outcome;
    expect(reports.news.at(-1)).toEqual({ percent: 20, details: { step: 20_000 } });
    expect(reports.news.length).toBeLessThan(20);
  });

  test("one that does nothing touches no file", async () => {
    const task = acting("nothing");
    await run(executor, task);
    expect(existsSync(folderOf(dataDir, task))).toBe(false);
  });
});

describe("what a function throws", () => {
  test("fails it with a stack that shows its source", async () => {
    const outcome = await act(executor, "throws", { text: "no such thing" });
    expect(outcome).toEqual(failure({ code: "function.threw", message: "no such thing", retryable: true }));
    const { name, stack } = (outcome as unknown as { failure: { details: { name: string; stack: string } } }).failure.details;
    expect(name).toBe("TypeError");
    expect(stack).toMatch(/test\/executors\/jobs\/_behaviour\.ts:\d+:\d+/);
    expect(stack).toContain("[cause]: Error: the reason");
    expect(stack).not.toContain("run-function");
    expect(await act(executor, "throwsText", { text: "just words" })).toEqual(failure({ message: "just words" }));
  });

  test("says whether and when to try again", async () => {
    expect(await act(executor, "notRetryable")).toEqual(
      failure({ code: "user.card_declined", retryable: false, message: "card declined", details: expect.objectContaining({ bank: "B" }) }),
    );
    expect(await act(executor, "retryAfter")).toEqual(failure({ code: "function.threw", retryable: true, retryAfterMs: 30_000 }));
  });

  test.each(["unhandled", "uncaught"])("fails it also when nobody was there to catch it: %s", async (how) => {
    expect(await act(executor, how, { text: "dropped" })).toEqual(failure({ code: "function.threw", message: "dropped" }));
  });
});

describe.each(isolations)("the end of a function: %s", (name) => {
  test("an endless loop is killed when it is stopped, and others go on", async () => {
    const task = acting("loop", { function: name });
    const reports = begin(executor, task);
    await reports.hasTold;
    executor.stop(task.attemptId, { graceMs: 1 });
    expect(await reports.outcome).toEqual({ stopped: true });
    expect(await act(executor, "echo", { function: name })).toMatchObject({ result: expect.anything() });
    expect(reports.endings).toBe(1);
  });

  test("its signal is aborted at once, and it has its grace to end well", async () => {
    const task = acting("waitForStop", { function: name });
    const reports = begin(executor, task);
    await reports.hasTold;
    executor.stop(task.attemptId, { graceMs: 60_000 });
    expect(await reports.outcome).toEqual({ stopped: true });
    expect((await logOf(dataDir, task)).map(({ text }) => text)).toEqual(["told to stop"]);
  });

  test("process.exit is a failure with its code", async () => {
    expect(await act(executor, "exit", { function: name, count: 3 })).toEqual({ exitCode: 3, ...failure({ code: "process.exit_3" }) });
    expect(await act(executor, "exit", { function: name, count: 0 })).toEqual({ exitCode: 0, ...failure({ code: "process.exit_0" }) });
  });

  test("a heap that grows too large ends it alone", async () => {
    const small = await newExecutor({ heapMb: 48 });
    expect(await act(small, "heapBomb", { function: name })).toEqual(failure({ code: "process.out_of_memory", retryable: false }));
  });

  test("nothing it said is lost when it is killed, or exits", async () => {
    const looping = acting("linesThenLoop", { function: name, count: 1000 });
    const reports = begin(executor, looping);
    await reports.hasTold;
    executor.stop(looping.attemptId, { graceMs: 0 });
    await reports.outcome;
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index + 1}`);
    expect((await logOf(dataDir, looping)).map(({ text }) => text)).toEqual(lines);
    const exiting = acting("linesThenExit", { function: name, count: 1000 });
    await run(executor, exiting);
    expect((await logOf(dataDir, exiting)).map(({ text }) => text)).toEqual([...lines, "half a line"]);
  });
});

describe("a function in a thread that others use after it", () => {
  const lines = async (task: Parameters<typeof logOf>[1]) => (await logOf(dataDir, task)).map(({ text }) => text);

  test("what it says after its end is in its own log", async () => {
    const single = await newExecutor({ dataDir, size: 1 });
    const [first, second] = [acting("speaksLater", { text: "late" }), acting("letTheOtherGoOn")];
    await run(single, first);
    await run(single, second);
    expect(await lines(first)).toEqual(["late"]);
    expect(await lines(second)).toEqual(["mine"]);
  });

  test("what it throws after its end is in its own log, and fails nobody", async () => {
    const single = await newExecutor({ dataDir, size: 1 });
    const [first, second] = [acting("throwsLater", { text: "too late" }), acting("letTheOtherGoOn")];
    await run(single, first);
    expect(await run(single, second)).toEqual({ result: "null" });
    expect(await lines(second)).toEqual(["mine"]);
    expect((await lines(first)).join("\n")).toContain("too late");
  });

  test("its environment is its own", async () => {
    process.env.SERVER_SECRET = "do not tell";
    const single = await newExecutor({ size: 1 });
    const seen = async (text: string, env = {}) =>
      valueOf(await act(single, "environment", { text, env })) as { seen: unknown; names: string[] };
    expect(await seen("MINE", { MINE: "yes", PATH: "/mine" })).toMatchObject({ seen: "yes" });
    const next = await seen("MINE");
    expect(next.seen).toBe(null);
    expect((await seen("PATH")).seen).toBe(process.env.PATH);
    expect(next.names.filter((name) => !["PATH", "HOME", "LANG", "TZ", "TMPDIR", "LEFT_BEHIND"].includes(name))).toEqual([]);
    expect((await seen("LEFT_BEHIND")).seen).toBe(null);
    const open = await newExecutor({ inheritEnv: ["SERVER_SECRET"] });
    expect(valueOf(await act(open, "environment", { text: "SERVER_SECRET" }))).toMatchObject({ seen: "do not tell" });
  });
});

describe("what a function says", () => {
  test("lines that come in pieces are whole in its log, and the last one needs no end", async () => {
    const task = acting("writes");
    await run(executor, task);
    expect((await logOf(dataDir, task)).map(({ stream, text }) => [stream, text])).toEqual([
      ["stderr", "an error"],
      ["stdout", "one line"],
      ["stdout", "and no end"],
    ]);
  });

  test("secrets are masked wherever they turn up", async () => {
    const secret = "s3cr3t-value";
    const task = acting("speaks", { text: secret, secrets: [secret] });
    const reports = begin(executor, task);
    expect(await reports.outcome).toEqual({ result: '{"***":"***"}' });
    expect(reports.news).toEqual([{ percent: 50, stage: "stage ***", details: { "***": "***" } }]);
    expect((await logOf(dataDir, task)).map(({ text }) => text)).toEqual(["console: ***", "ctx: ***"]);
    expect(readFileSync(filesOf(folderOf(dataDir, task)).log, "utf8")).not.toContain(secret);
    const thrown = await act(executor, "throws", { text: `token ${secret}`, secrets: [secret] });
    expect(thrown).toEqual(failure({ message: "token ***" }));
    expect(JSON.stringify(thrown)).not.toContain(secret);
  });
});
