// The command line as people use it: real processes against a real server.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folder, gate, MAIN, parsed, Running, started, submitted, TOKEN, url } from "./cli.given.ts";

describe("submitting", () => {
  test("prints the id alone where a program reads it", async () => {
    const { stdout, stderr, code } = await cli("job", "submit", "--inline", "true");
    expect(stdout).toMatch(/^job_\w+\n$/);
    expect([stderr, code]).toEqual(["", 0]);
  });

  test("a script by a relative path gets its arguments, params and environment", async () => {
    writeFileSync(
      join(folder, "say.sh"),
      'printf \'::result said="%s %s %s %s"\\n\' "$1" "$2" "$PARAM_REGION" "$GREETING"; cp "$JOB_PARAMS_FILE" "$JOB_OUTPUT_DIR/params.json"',
    );
    writeFileSync(join(folder, "params.yaml"), "region: us\nsize: 3\n");
    const args = [
      "say.sh",
      "--id",
      "said",
      "--params",
      "params.yaml",
      "--param",
      "region=eu",
      "--env",
      "GREETING=hi",
      "--wait",
      "--",
      "--fast",
      "two words",
    ];
    const { stdout, code } = await cli("job", "submit", ...args);
    expect([JSON.parse(stdout), code]).toEqual([{ said: "--fast two words eu hi" }, 0]);
    expect(JSON.parse((await cli("job", "artifacts", "said", "params.json")).stdout)).toEqual({ region: "eu", size: 3 });
  });

  test("--wait prints nothing but the result on stdout, and each change on stderr", async () => {
    const { wait, go } = gate("wait");
    const running = started(["job", "submit", "--inline", `${wait}; echo '::result n=3'`, "--wait"]);
    await running.says(/is running|job\.started/);
    await go();
    const { stdout, stderr, code } = await running.ended;
    expect([stdout, code]).toEqual(['{"n":3}\n', 0]);
    expect(stderr).toMatch(/is (queued|starting|running)[\s\S]+job\.completed/);
  });

  test("a job that fails exits with 1 and says why; with --json the job is all there is", async () => {
    const said = await cli("job", "submit", "--inline", "exit 3", "--wait");
    expect([said.code, said.stdout]).toEqual([1, ""]);
    expect(said.stderr).toMatch(/switchyard: job_\w+ failed: process\.exit_3/);
    const told = await cli("job", "submit", "--inline", "exit 3", "--wait", "--json");
    expect([told.code, told.stderr]).toEqual([1, ""]);
    expect(JSON.parse(told.stdout)).toMatchObject({ state: "failed", error: { code: "process.exit_3" } });
  });

  test("--follow prints the log as it comes, then the result", async () => {
    const { wait, go } = gate("follow");
    const running = started([
      "job",
      "submit",
      "--inline",
      `echo first; echo oops >&2; ${wait}; echo last; echo '{"done":true}' > "$JOB_RESULT_FILE"`,
      "--follow",
    ]);
    await running.says("oops");
    expect(running.stdout).not.toContain("last");
    await go();
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'first\noops\nlast\n{"done":true}\n' });
  });

  test("Ctrl-C while waiting leaves the job alone, exits with 0 and tells the way back", async () => {
    const { wait, go } = gate("detach");
    const running = started(["job", "submit", "--id", "left-alone", "--inline", wait, "--wait"]);
    await running.says(/is running|job\.started/);
    running.child.kill("SIGINT");
    const { code, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).toContain("switchyard job watch left-alone");
    expect(await parsed("job", "status", "left-alone")).toMatchObject({ state: "running" });
    await go();
    expect(await cli("job", "watch", "left-alone")).toMatchObject({ code: 0 });
  });

  test("a secret is named, and its value is not shown", async () => {
    const id = await submitted("--inline", 'echo "token $TOKEN"', "--secret", "TOKEN=env:API");
    expect((await cli("job", "logs", "-f", id)).stdout).toBe("token ***\n");
  });
});

describe("--curl", () => {
  test("prints the request without the token and does nothing; in a shell it does what the command does", async () => {
    const { stdout, code } = await cli("job", "submit", "--inline", `echo "it's"`, "--id", "by-curl", "--wait", "--curl");
    expect(code).toBe(0);
    expect(stdout).not.toContain(TOKEN);
    expect((await cli("job", "status", "by-curl")).code).toBe(3);
    if (spawnSync("curl", ["--version"]).status !== 0) return;
    await new Running("bash", ["-c", stdout], {}).ended;
    expect(await parsed("job", "watch", "by-curl")).toMatchObject({ state: "completed", result: { stdout: "it's\n" } });
  });
});

describe("wrong input", () => {
  test("is told with what was meant, and exits with 2", async () => {
    const cases: [args: string[], says: RegExp][] = [
      [["jbo"], /unknown command 'jbo'[\s\S]+Did you mean job/],
      [["job", "submit", "x", "--tiemout", "3"], /--timeout/],
      [["job", "submit", "x", "--timeout", "soon"], /must be a duration/],
      [["job", "submit"], /What is to be run/],
      [["job", "submit", "x", "--params", "nowhere.json"], /nowhere\.json cannot be read/],
      [["job", "submit", "x", "--param", "alone"], /no NAME=VALUE/],
      [["job", "list", "--url", "nonsense"], /no address/],
      [["job"], /Usage: switchyard job/],
    ];
    for (const [args, says] of cases) {
      const { code, stderr, stdout } = await cli(...args);
      expect([args, code, stdout]).toEqual([args, 2, ""]);
      expect(stderr).toMatch(says);
    }
  });

  test("with --json it is told as a problem", async () => {
    const { stderr, code } = await cli("job", "submit", "--json", "--bogus");
    expect([JSON.parse(stderr), code]).toMatchObject([{ code: "cli.usage" }, 2]);
  });

  test("what the server refuses exits with 3, with each fault by its path", async () => {
    const { stderr, code } = await cli("job", "submit", "--inline", "true", "--priority", "urgent", "--id", "bad id");
    expect(code).toBe(3);
    expect(stderr).toMatch(/ {2}priority: .+\n/);
    expect(stderr).toMatch(/ {2}id: .+\n/);
    const told = await cli("job", "status", "nobody", "--json");
    expect([JSON.parse(told.stderr), told.stdout, told.code]).toMatchObject([{ status: 404, code: "job.not_found" }, "", 3]);
    expect(await cli("job", "list", "--token", "wrong")).toMatchObject({ code: 3, stderr: expect.stringContaining("SWITCHYARD_TOKEN") });
  });

  test("a server that is not there exits with 3 and says how to start one", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const gone = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
    closed.close();
    await once(closed, "close");
    expect(await cli("job", "list", "--url", gone)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/ECONNREFUSED[\s\S]+switchyard serve/),
    });
    expect(JSON.parse((await cli("--json", "--url", gone, "job", "list")).stderr)).toMatchObject({ code: "server.unreachable" });
  });
});

describe("finding the server", () => {
  test("by its data folder, without any flag", async () => {
    const dir = join(folder, "elsewhere");
    mkdirSync(dir);
    writeFileSync(join(dir, "server.json"), JSON.stringify({ pid: process.pid, url }));
    writeFileSync(join(dir, "token"), `${TOKEN}\n`);
    expect(await started(["stats", "--json"], { SWITCHYARD_URL: "", SWITCHYARD_TOKEN: "", SWITCHYARD_DIR: dir }).ended).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(await started(["--dir", dir, "stats", "--json"], { SWITCHYARD_URL: "", SWITCHYARD_TOKEN: "" }).ended).toMatchObject({ code: 0 });
  });
});

describe("looking", () => {
  test("lists page through everything, and filter", async () => {
    const jobs = Array.from({ length: 205 }, (_, index) => ({ id: `many-${index}`, tags: ["many"], script: { inline: "true" } }));
    expect(await started(["batch", "submit", "-"], {}, JSON.stringify({ autoStart: false, jobs })).ended).toMatchObject({ code: 0 });
    expect((await parsed<{ items: unknown[] }>("job", "list", "--tag", "many", "--all")).items).toHaveLength(205);
    const some = await parsed<{ items: unknown[]; nextCursor?: string }>("job", "list", "--tag", "many", "--limit", "3");
    expect([some.items.length, typeof some.nextCursor]).toEqual([3, "string"]);
    const lines = (await cli("job", "list", "--state", "created", "--limit", "2")).stdout.trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^many-204 +created /);
  });

  test("a reader that has seen enough is no error", async () => {
    const { stderr, stdout } = await new Running("sh", ["-c", `"${process.execPath}" "${MAIN}" job list --all | head -1`], {}).ended;
    expect([stderr, stdout]).toEqual(["", expect.stringMatching(/^ID/)]);
  });

  test("the overview, the queue, the history, dependencies and statistics of jobs", async () => {
    const first = await submitted("--inline", "exit 1", "--name", "first");
    const second = await submitted("--inline", "true", "--after", `${first}:failure`);
    await cli("job", "watch", second);
    expect((await cli("job", "status")).stdout).toMatch(/Executors[\s\S]+process[\s\S]+Last failures[\s\S]+process\.exit_1/);
    expect((await cli("job", "status", second)).stdout).toMatch(/state +completed/);
    expect((await cli("job", "history", first)).stdout).toMatch(/job\.created[\s\S]+job\.started[\s\S]+attempt\.failed[\s\S]+job\.failed/);
    expect((await cli("job", "deps", second)).stdout).toContain(first);
    expect((await cli("job", "queue", "--limit", "1")).stdout).toMatch(/WHY/);
    expect((await cli("stats")).stdout).toMatch(/failed +\d+/);
    expect(await cli("job", "result", first)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("process.exit_1") });
  });

  test("artifacts go to stdout or a file, and one that is not there leaves no file", async () => {
    const id = await submitted("--inline", 'printf abc > "$JOB_OUTPUT_DIR/a b.txt"');
    await cli("job", "watch", id);
    expect((await cli("job", "artifacts", id)).stdout).toMatch(/a b\.txt +3 B/);
    expect((await cli("job", "artifacts", id, "a b.txt")).stdout).toBe("abc");
    expect((await cli("job", "artifacts", id, "a b.txt", "-o", "copy.txt")).code).toBe(0);
    expect(readFileSync(join(folder, "copy.txt"), "utf8")).toBe("abc");
    expect((await cli("job", "artifacts", id, "missing", "-o", "missing.txt")).code).toBe(3);
    expect(() => readFileSync(join(folder, "missing.txt"))).toThrow(/ENOENT/);
  });

  test("the doctor finds a server that is well, and fails without one", async () => {
    expect(await parsed("doctor")).toMatchObject({ ok: true });
    expect(await cli("doctor", "--token", "wrong")).toMatchObject({ code: 1, stdout: expect.stringMatching(/fail {2}access/) });
  });
});

describe("steering", () => {
  test("one job that cannot be cancelled does not keep the others from it", async () => {
    const ended = await submitted("--inline", "true");
    await cli("job", "watch", ended);
    const waiting = await submitted("--inline", "true", "--no-start");
    const { code, stdout, stderr } = await cli("job", "cancel", ended, waiting);
    expect([code, stdout]).toEqual([3, `${waiting}  cancelled\n`]);
    expect(stderr).toContain(ended);
    expect((await cli("job", "watch", waiting)).code).toBe(1);
  });

  test("a job is kept, paused, resumed and started", async () => {
    const id = await submitted("--inline", "true", "--no-start");
    expect((await cli("job", "pause", id)).stdout).toContain("paused");
    expect((await cli("job", "resume", id)).stdout).toContain("created");
    expect((await cli("job", "start", id)).code).toBe(0);
    expect((await cli("job", "result", id, "--wait")).code).toBe(0);
  });
});
