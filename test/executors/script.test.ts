import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileIn, folderOf, logOf, newExecutor, newFolder, newTask, processesOf, Reports, run } from "./script-support.ts";

const dataDir = newFolder();
const executor = newExecutor({ dataDir });
const result = (value: unknown, exitCode = 0) => ({ exitCode, result: JSON.stringify(value) });

describe("what a script finds", () => {
  test("its params are in a file, and the plain ones in its environment", async () => {
    const task = newTask({
      script: 'cat "$JOB_PARAMS_FILE"; echo; echo "$PARAM_NAME $PARAM_MAX_COUNT $PARAM_DRY ${PARAM_LIST-none}"',
      params: { name: "Ada", "max-count": 3, dry: true, list: [1] },
    });
    expect(await run(executor, task)).toEqual(result({ stdout: '{"name":"Ada","max-count":3,"dry":true,"list":[1]}\nAda 3 true none\n' }));
  });

  test("the results of its dependencies are in a file", async () => {
    expect(await run(executor, newTask({ script: 'cat "$JOB_INPUTS_FILE"', inputs: { first: { n: 1 } } }))).toEqual(
      result({ stdout: '{"first":{"n":1}}' }),
    );
  });

  test("it sees nothing of the server's environment but what is let through", async () => {
    process.env.SERVER_SECRET = "do not tell";
    process.env.LET_THROUGH = "you may know";
    const open = newExecutor({ inheritEnv: ["LET_THROUGH"] });
    const task = newTask({ script: 'echo "${SERVER_SECRET-unset} $LET_THROUGH $MINE $SWITCHYARD_ATTEMPT"; echo "$PATH" | grep -c /', env: { MINE: "own", SWITCHYARD_ATTEMPT: "9" } }); // prettier-ignore
    expect(await run(open, task)).toEqual(result({ stdout: "unset you may know own 1\n1\n" }));
  });

  test("the checkpoint of the attempt before is there again", async () => {
    const script = 'echo "before: $(cat "$JOB_CHECKPOINT_FILE" 2>/dev/null)"; echo "$SWITCHYARD_ATTEMPT" > "$JOB_CHECKPOINT_FILE"';
    const first = newTask({ script });
    expect(await run(executor, first)).toEqual(result({ stdout: "before: \n" }));
    expect(await run(executor, newTask({ script, jobId: first.job.id, attempt: 2 }))).toEqual(result({ stdout: "before: 1\n" }));
  });

  test("it works in a folder of its own, or below it, or where the operator allowed it", async () => {
    const allowed = newFolder();
    const own = newTask({ script: "pwd" });
    expect(await run(executor, own)).toEqual(result({ stdout: `${join(folderOf(dataDir, own), "work")}\n` }));
    const below = newTask({ script: "pwd", spec: { workingDir: "a/b" } });
    expect(await run(executor, below)).toEqual(result({ stdout: `${join(folderOf(dataDir, below), "work/a/b")}\n` }));
    expect(await run(newExecutor({ allowDirs: [allowed] }), newTask({ script: "pwd", spec: { workingDir: allowed } }))).toEqual(
      result({ stdout: `${allowed}\n` }),
    );
  });

  test("it can write to /dev/stdout and /dev/stderr", async () => {
    const task = newTask({ script: "echo out > /dev/stdout; echo err > /dev/stderr" });
    expect(await run(executor, task)).toEqual(result({ stdout: "out\n" }));
    expect((await logOf(dataDir, task)).map(({ stream, text }) => [stream, text])).toContainEqual(["stderr", "err"]);
  });

  test("arguments and an interpreter with options are passed on", async () => {
    const task = newTask({ script: { inline: 'echo "$-" "$@"', interpreter: "sh -f", args: ["a b", "*"] } });
    expect(await run(executor, task)).toMatchObject({ result: expect.stringMatching(/f.* a b \*/) });
  });
});

describe("how a script says how it went", () => {
  test("result.json is its result", async () => {
    expect(await run(executor, newTask({ script: `echo noise; echo '{"answer": 42}' > "$JOB_RESULT_FILE"` }))).toEqual(
      result({ answer: 42 }),
    );
  });

  test("values told on stdout are its result", async () => {
    const task = newTask({ script: "echo '::result rows=12'; echo '::result name=plain text'; echo '::result list=[1,2]'" });
    expect(await run(executor, task)).toEqual(result({ rows: 12, name: "plain text", list: [1, 2] }));
  });

  test("else the end of stdout is its result", async () => {
    const outcome = await run(executor, newTask({ script: "seq 1 20000" }));
    const { stdout } = JSON.parse((outcome as { result: string }).result) as { stdout: string };
    expect(stdout.length).toBeLessThanOrEqual(32 * 1024);
    expect(stdout.endsWith("19999\n20000\n")).toBe(true);
  });

  test("progress is told while it runs", async () => {
    const reports = new Reports();
    executor.start(newTask({ script: "echo '::progress 42 half way'; echo '::progress 100'" }), reports);
    await reports.outcome;
    expect(reports.news.at(0)).toEqual({ percent: 42, stage: "half way" });
    expect(reports.news.at(-1)).toMatchObject({ percent: 100 });
  });

  test("an exit code is a failure with its number and the last line of stderr", async () => {
    expect(await run(executor, newTask({ script: "echo cannot reach the moon >&2; exit 3" }))).toEqual({
      exitCode: 3,
      failure: { code: "process.exit_3", message: "exited with 3: cannot reach the moon", retryable: true },
    });
  });

  test("a signal is a failure with its name", async () => {
    expect(await run(executor, newTask({ script: "kill -KILL $$" }))).toEqual({
      failure: { code: "process.signal_SIGKILL", message: "was killed by SIGKILL", retryable: true },
    });
  });

  test("error.json says what went wrong", async () => {
    const script = `echo '{"code": "card_declined", "message": "No money", "retryable": false, "details": {"n": 1}}' > "$JOB_ERROR_FILE"; exit 1`;
    expect(await run(executor, newTask({ script }))).toEqual({
      exitCode: 1,
      failure: { code: "user.card_declined", message: "No money", retryable: false, details: { n: 1 } },
    });
  });

  test("so does a line on stdout", async () => {
    expect(await run(executor, newTask({ script: "echo '::error user.quota too many rows'; exit 1" }))).toEqual({
      exitCode: 1,
      failure: { code: "user.quota", message: "too many rows", retryable: true },
    });
  });

  test.each([
    ["is not JSON", 'echo nope > "$JOB_RESULT_FILE"', "result.invalid"],
    ["is a link", 'ln -s /etc/hostname "$JOB_RESULT_FILE"', "result.invalid"],
    ["is larger than 5 MB", 'head -c 5000001 /dev/zero > "$JOB_RESULT_FILE"', "output.too_large"],
  ])("a result.json that %s is a failure", async (_what, script, code) => {
    expect(await run(executor, newTask({ script }))).toMatchObject({ exitCode: 0, failure: { code } });
  });

  test("a program that is not there is a failure to start, and is not tried again", async () => {
    const task = newTask({ script: { inline: "x", interpreter: "no-such-interpreter" } });
    expect(await run(executor, task)).toMatchObject({ failure: { code: "process.start_failed", retryable: false } });
  });

  test("arguments too long for a process are a failure to start", async () => {
    const task = newTask({ script: { inline: "true", args: ["x".repeat(200_000)] } });
    expect(await run(executor, task)).toMatchObject({ failure: { code: "process.start_failed", retryable: false } });
  });
});

describe("output files", () => {
  const artifact = (task: Parameters<typeof folderOf>[1], name: string) =>
    readFileSync(join(folderOf(dataDir, task), "artifacts", name), "utf8");

  test("declared files become artifacts", async () => {
    const task = newTask({ script: "mkdir -p out; echo 1 > out/a.txt; echo 2 > b.txt", spec: { outputFiles: ["out/a.txt", "b.txt"] } });
    expect(await run(executor, task)).toMatchObject({ exitCode: 0, result: expect.any(String) });
    expect([artifact(task, "out/a.txt"), artifact(task, "b.txt")]).toEqual(["1\n", "2\n"]);
  });

  test("a declared file that is missing is a failure", async () => {
    expect(await run(executor, newTask({ script: "true", spec: { outputFiles: ["report.csv"] } }))).toMatchObject({
      exitCode: 0,
      failure: { code: "output.missing", message: expect.stringContaining("report.csv") },
    });
  });

  test("a declared file that is a link out of the folder counts as missing", async () => {
    const task = newTask({ script: "ln -s /etc/passwd secrets.txt; ln -s /etc etc", spec: { outputFiles: ["secrets.txt", "etc/passwd"] } });
    expect(await run(executor, task)).toMatchObject({ failure: { code: "output.missing" } });
  });

  test("a link within the artifacts does not lead a copy out of them", async () => {
    const outside = newFolder();
    const script = `ln -s ${outside} "$JOB_OUTPUT_DIR/out"; mkdir out; echo 1 > out/a.txt`;
    expect(await run(executor, newTask({ script, spec: { outputFiles: ["out/a.txt"] } }))).toMatchObject({
      failure: { code: "output.missing" },
    });
    expect(() => readFileSync(join(outside, "a.txt"))).toThrow("ENOENT");
  });
});

describe("logs", () => {
  const texts = async (task: Parameters<typeof logOf>[1]) => (await logOf(dataDir, task)).map(({ text }) => text);

  test("null bytes and bytes that are no UTF-8 do not break a line", async () => {
    const task = newTask({ script: String.raw`printf 'a\000b\n'; printf 'c\377d\n'; printf '\303\251\r\n'; printf 'no end'` });
    await run(executor, task);
    expect(await texts(task)).toEqual(["a\0b", "c�d", "é", "no end"]);
  });

  test("ten megabytes on one line come through in pieces", async () => {
    const task = newTask({ script: "head -c 10485760 /dev/zero | tr '\\0' x; echo; echo after" });
    expect(await run(executor, task)).toMatchObject({ exitCode: 0 });
    const lines = await logOf(dataDir, task);
    expect(lines.slice(0, -1).reduce((sum, { text }) => sum + text.length, 0)).toBe(10_485_760);
    expect(lines.slice(0, -2).every(({ partial }) => partial)).toBe(true);
    expect(lines.at(-1)).toMatchObject({ text: "after", stream: "stdout", attempt: 1 });
  });

  test("a flood of lines does not fill the memory of the spawner", async () => {
    const task = newTask({ script: "ps -o rss= -p $PPID >&2; yes | head -c 100M; ps -o rss= -p $PPID >&2" });
    expect(await run(executor, task)).toMatchObject({ exitCode: 0 });
    const rss = readFileSync(join(folderOf(dataDir, task), "exit.json"), "utf8").match(/"stderrTail":"\s*(\d+)\\n\s*(\d+)/);
    expect(Number(rss?.[2]) - Number(rss?.[1])).toBeLessThan(100_000);
  });

  test("secrets are masked in the log, in the result and in the failure", async () => {
    const secrets = ["hunter2", "line one\nline two"];
    const task = newTask({ script: 'echo "$A"; echo "$B"; echo "$A" >&2; exit 1', env: { A: secrets[0]!, B: secrets[1]! }, secrets });
    const outcome = await run(executor, task);
    expect(await texts(task)).toEqual(expect.arrayContaining(["***"]));
    expect(JSON.stringify([await texts(task), outcome])).not.toMatch(/hunter2|line one|line two/);
    const good = newTask({ script: 'echo "{\\"a\\": \\"$A\\"}" > "$JOB_RESULT_FILE"', env: { A: "hunter2" }, secrets });
    expect(await run(executor, good)).toEqual(result({ a: "***" }));
  });
});

describe("the end of a script", () => {
  test("a stop ends it within its grace", async () => {
    const reports = new Reports();
    const task = newTask({ script: "trap 'exit 7' TERM; touch ready; while :; do sleep 0.05; done" });
    executor.start(task, reports);
    await reports.hasStarted;
    await fileIn(join(folderOf(dataDir, task), "work"), "ready");
    executor.stop(task.attemptId, { graceMs: 10_000 });
    expect(await reports.outcome).toEqual({ stopped: true, exitCode: 7 });
    expect(processesOf(task.attemptId)).toEqual([]);
  });

  test("one that ignores SIGTERM is killed after the grace, with all it started", async () => {
    const reports = new Reports();
    const task = newTask({
      script:
        "trap '' TERM; sleep 300 & setsid sleep 300 & (setsid sh -c 'trap \"\" TERM; sleep 300' &); touch ready; while :; do sleep 1; done",
    });
    executor.start(task, reports);
    await reports.hasStarted;
    await fileIn(join(folderOf(dataDir, task), "work"), "ready");
    executor.stop(task.attemptId, { graceMs: 100 });
    expect(await reports.outcome).toEqual({ stopped: true });
    expect(processesOf(task.attemptId)).toEqual([]);
  });

  test("a stop that comes before it was spawned keeps it from running", async () => {
    const reports = new Reports();
    const task = newTask({ script: "sleep 300" });
    executor.start(task, reports);
    executor.stop(task.attemptId, { graceMs: 10_000 });
    expect(await reports.outcome).toMatchObject({ stopped: true });
    expect(processesOf(task.attemptId)).toEqual([]);
  });

  test("a stopped (frozen) one gets its SIGTERM", async () => {
    const reports = new Reports();
    const task = newTask({ script: "trap 'exit 5' TERM; touch ready; kill -STOP $$; while :; do sleep 0.05; done" });
    executor.start(task, reports);
    await reports.hasStarted;
    await fileIn(join(folderOf(dataDir, task), "work"), "ready");
    executor.stop(task.attemptId, { graceMs: 10_000 });
    expect(await reports.outcome).toEqual({ stopped: true, exitCode: 5 });
  });

  test.each([
    ["a child in the background", "sleep 300 & echo done"],
    ["a grandchild in a session of its own that holds its output", "(setsid sleep 300 &) ; echo done"],
    ["a daemon without an output", "(setsid sleep 300 >/dev/null 2>&1 </dev/null &) ; echo done"],
  ])("%s is gone once it ended", async (_what, script) => {
    const task = newTask({ script });
    expect(await run(executor, task)).toEqual(result({ stdout: "done\n" }));
    expect(processesOf(task.attemptId)).toEqual([]);
  });

  test("a process that shook off its environment and holds the output does not keep it from ending", async () => {
    const pidFile = join(newFolder(), "pid");
    const task = newTask({
      script: `setsid env -i sh -c 'echo $$ > ${pidFile}; exec sleep 300' & while ! [ -s ${pidFile} ]; do :; done; echo done`,
    });
    expect(await run(executor, task)).toEqual(result({ stdout: "done\n" }));
    process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
  });

  test("one that closes its output goes on until it ends", async () => {
    const task = newTask({ script: `exec >&- 2>&-; echo '{"ok":true}' > "$JOB_RESULT_FILE"; exit 0` });
    expect(await run(executor, task)).toEqual(result({ ok: true }));
  });

  test("a script is started once, however often it is handed over", async () => {
    const reports = new Reports();
    const task = newTask({ script: "echo run" });
    executor.start(task, reports);
    executor.start(task, reports);
    await reports.outcome;
    expect(await logOf(dataDir, task)).toHaveLength(1);
    expect(reports.endings).toBe(1);
  });
});

describe("what is refused at submit", () => {
  const folder = newFolder();
  const file = (name: string, text: string, mode = 0o644) => {
    writeFileSync(join(folder, name), text, { mode });
    return join(folder, name);
  };
  const accepts = (script: Parameters<typeof newTask>[0]["script"], spec = {}) => executor.accepts(newTask({ script, spec }).spec);

  test("a file that is not there", async () => {
    expect(await accepts({ path: join(folder, "none.sh") })).toMatchObject({ code: "script.not_found", path: "script.path" });
    expect(await accepts({ path: folder })).toMatchObject({ code: "script.not_found" });
  });

  test.each([
    ["an interpreter that is not installed", { inline: "x", interpreter: "no-such -u" }, "no-such"],
    ["a #! line whose interpreter is not there", { path: file("bad", "#!/opt/none/python\n") }, "/opt/none/python"],
    ["a #! line whose program is not in PATH", { inline: "#!/usr/bin/env no-such-lang\n" }, "no-such-lang"],
    ["a file of no known kind", { path: file("data.csv", "1,2") }, "chmod +x"],
  ])("%s", async (_what, script, hint) => {
    expect(await accepts(script)).toMatchObject({ code: "script.not_runnable", message: expect.stringContaining(hint) });
  });

  test("a working directory that nobody allowed", async () => {
    symlinkSync("/etc", join(folder, "link"));
    for (const workingDir of ["/etc", "../../x", "a/../../b", "/no/such/folder"]) {
      expect(await accepts("true", { workingDir })).toMatchObject({ code: "request.invalid", path: "workingDir" });
    }
    expect(await accepts("true", { workingDir: "/etc" })).toMatchObject({ message: expect.stringContaining("--allow-dir") });
    const open = newExecutor({ allowDirs: [folder] });
    expect(await open.accepts(newTask({ script: "true", spec: { workingDir: join(folder, "link") } }).spec)).toMatchObject({
      path: "workingDir",
    });
    mkdirSync(join(folder, "sub"));
    expect(await open.accepts(newTask({ script: "true", spec: { workingDir: join(folder, "sub") } }).spec)).toBeNull();
  });

  test.each([
    ["a shell script without a mode", { path: file("a.sh", "echo a") }],
    ["a Python script", { path: file("a.py", "print(1)") }],
    ["a TypeScript file", { path: file("a.ts", "const one: number = 1; console.log(one)") }],
    ["an executable", { path: file("tool", "echo 1", 0o755) }],
    ["an inline script with a #! line", { inline: "#!/usr/bin/env python3\nprint(1)" }],
  ])("but not %s, which runs", async (_what, script) => {
    expect(await accepts(script)).toBeNull();
    expect(await run(executor, newTask({ script }))).toMatchObject({ exitCode: 0 });
  });
});
