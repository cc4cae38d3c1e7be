// The command line as people use it: real processes against a real server.
import { serve, type ServerType } from "@hono/node-server";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LocalArtifacts } from "../../shared/adapters/local/artifacts.ts";
import { systemClock } from "../../shared/adapters/local/clock.ts";
import { LocalLogs } from "../../shared/adapters/local/logs.ts";
import { ScriptExecutor } from "../../shared/adapters/local/script/executor.ts";
import { environmentSecrets } from "../../shared/adapters/local/secrets.ts";
import { SqliteStore } from "../../shared/adapters/local/sqlite/sqlite-store.ts";
import { createApi } from "../../shared/api/create-api.ts";
import { openEngine, type Engine } from "../../shared/engine/engine.ts";

const MAIN = new URL("../../cli/main.ts", import.meta.url).pathname;
const TOKEN = "a-token-of-tests";
const folder = mkdtempSync(join(tmpdir(), "switchyard-cli-"));
let url: string;
let engine: Engine;
let server: ServerType;

beforeAll(async () => {
  const options = { dataDir: folder, size: 4, inheritEnv: [], allowDirs: [], clock: systemClock };
  engine = await openEngine({
    store: await SqliteStore.open(join(folder, "switchyard.db")),
    executors: [new ScriptExecutor(options)],
    functions: { get: () => undefined, functions: () => [] },
    logs: new LocalLogs(folder),
    artifacts: new LocalArtifacts(folder),
    clock: systemClock,
    random: Math.random,
    secret: environmentSecrets(["API"], { API: "hush-hush" }),
  });
  const app = createApi({ context: engine.context, version: "0.1.0", access: { token: TOKEN, hosts: ["127.0.0.1"] } });
  const { port } = await new Promise<AddressInfo>((resolve) => (server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, resolve)));
  url = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  if ("closeAllConnections" in server) server.closeAllConnections();
  server.close();
  await engine.drain(0);
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(command: string, args: readonly string[], environment: Record<string, string>, input: string | null = "") {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, TERM: "xterm", SWITCHYARD_URL: url, SWITCHYARD_TOKEN: TOKEN, ...environment };
    this.child = spawn(command, args, { env, cwd: folder });
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    if (input !== null) this.child.stdin!.end(input);
    this.ended = once(this.child, "close").then(([code]) => ({ code: code as number | null, stdout: this.stdout, stderr: this.stderr }));
  }

  /** Once it has said so, on stdout or stderr. */
  async says(text: string | RegExp): Promise<void> {
    const has = (): boolean => (this.stdout + this.stderr).search(typeof text === "string" ? RegExp.escape(text) : text) >= 0;
    while (!has()) {
      const isOver = await Promise.race([once(this.child.stdout!, "data"), once(this.child.stderr!, "data"), this.ended.then(() => true)]);
      if (isOver === true && !has()) throw new Error(`It ended without saying ${text}:\n${this.stdout}\n${this.stderr}`);
    }
  }
}

const started = (args: readonly string[], environment: Record<string, string> = {}, input?: string): Running => new Running(process.execPath, [MAIN, ...args], environment, input);
const cli = (...args: string[]): Promise<Ended> => started(args).ended;
const parsed = async <T>(...args: string[]): Promise<T> => JSON.parse((await cli(...args, "--json")).stdout) as T;

/** A script that stands still until it is let go, and can be let go before it stands still. */
function gate(name: string): { readonly wait: string; go(): Promise<void> } {
  const path = join(folder, `gate-${name}`);
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  return {
    wait: `cat ${path} >/dev/null`,
    go: async () => (await open(path, "w")).close(),
  };
}

const submitted = async (...args: string[]): Promise<string> => (await cli("job", "submit", ...args)).stdout.trim();

describe("submitting", () => {
  test("prints the id alone where a program reads it", async () => {
    const { stdout, stderr, code } = await cli("job", "submit", "--inline", "true");
    expect(stdout).toMatch(/^job_\w+\n$/);
    expect([stderr, code]).toEqual(["", 0]);
  });

  test("a script by a relative path gets its arguments, params and environment", async () => {
    writeFileSync(join(folder, "say.sh"), 'printf \'::result said="%s %s %s %s"\\n\' "$1" "$2" "$PARAM_REGION" "$GREETING"; cp "$JOB_PARAMS_FILE" "$JOB_OUTPUT_DIR/params.json"');
    writeFileSync(join(folder, "params.yaml"), "region: us\nsize: 3\n");
    const args = ["say.sh", "--id", "said", "--params", "params.yaml", "--param", "region=eu", "--env", "GREETING=hi", "--wait", "--", "--fast", "two words"];
    const { stdout, code } = await cli("job", "submit", ...args);
    expect([JSON.parse(stdout), code]).toEqual([{ said: "--fast two words eu hi" }, 0]);
    expect(JSON.parse((await cli("job", "artifacts", "said", "params.json")).stdout)).toEqual({ region: "eu", size: 3 });
  });

  test("--wait prints nothing but the result on stdout, and each change on stderr", async () => {
    const { wait, go } = gate("wait");
    const running = started(["job", "submit", "--inline", `${wait}; echo '::result n=3'`, "--wait"]);
    await running.says("job.started");
    await go();
    const { stdout, stderr, code } = await running.ended;
    expect([stdout, code]).toEqual(['{"n":3}\n', 0]);
    expect(stderr).toMatch(/is (queued|starting)[\s\S]+job\.started[\s\S]+job\.completed/);
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
    const running = started(["job", "submit", "--inline", `echo first; echo oops >&2; ${wait}; echo last; echo '{"done":true}' > "$JOB_RESULT_FILE"`, "--follow"]);
    await running.says("oops");
    expect(running.stdout).not.toContain("last");
    await go();
    expect(await running.ended).toMatchObject({ code: 0, stdout: 'first\noops\nlast\n{"done":true}\n' });
  });

  test("Ctrl-C while waiting leaves the job alone, exits with 0 and tells the way back", async () => {
    const { wait, go } = gate("detach");
    const running = started(["job", "submit", "--id", "left-alone", "--inline", wait, "--wait"]);
    await running.says("job.started");
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
    const { stdout, code } = await cli("job", "submit", "--inline", "echo it's", "--id", "by-curl", "--wait", "--curl");
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
    expect(await cli("job", "list", "--url", gone)).toMatchObject({ code: 3, stderr: expect.stringMatching(/ECONNREFUSED[\s\S]+switchyard serve/) });
    expect(JSON.parse((await cli("--json", "--url", gone, "job", "list")).stderr)).toMatchObject({ code: "server.unreachable" });
  });
});

describe("finding the server", () => {
  test("by its data folder, without any flag", async () => {
    const dir = join(folder, "elsewhere");
    mkdirSync(dir);
    writeFileSync(join(dir, "server.json"), JSON.stringify({ pid: process.pid, url }));
    writeFileSync(join(dir, "token"), `${TOKEN}\n`);
    expect(await started(["stats", "--json"], { SWITCHYARD_URL: "", SWITCHYARD_TOKEN: "", SWITCHYARD_DIR: dir }).ended).toMatchObject({ code: 0, stderr: "" });
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

describe("following", () => {
  test("a log goes on where a dropped connection left off: no line is missed, none comes twice", async () => {
    const sockets: Socket[] = [];
    const proxy = createServer((near) => {
      const far = connect(Number(new URL(url).port), "127.0.0.1");
      for (const socket of [near, far]) socket.on("error", () => undefined);
      sockets.push(near, far);
      near.pipe(far).pipe(near);
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { wait, go } = gate("dropped");
    const id = await submitted("--inline", `echo one; echo two; ${wait}; echo three`);
    const running = started(["job", "logs", "-f", id, "--url", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`]);
    await running.says("two");
    for (const socket of sockets) socket.destroy();
    await go();
    expect(await running.ended).toMatchObject({ code: 0, stdout: "one\ntwo\nthree\n" });
    proxy.close();
  });

  test("events come one in a line, and Ctrl-C ends them", async () => {
    const running = started(["event", "tail", "--json", "--types", "job.completed", "--after", "evt_000000000000000"]);
    await running.says("job.completed");
    running.child.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout.split("\n")[0]!)).toMatchObject({ type: "job.completed", seq: expect.any(Number) as number });
  });
});

describe("workflows and batches", () => {
  const steps = {
    extract: { script: { inline: "echo '::result rows=3'" } },
    load: { after: ["extract"], script: { inline: 'test "$PARAM_REGION" = eu' }, params: { region: { $from: "params.region" } } },
  };

  test("a definition comes from JSON, YAML or a module, and is only stored anew when it has changed", async () => {
    writeFileSync(join(folder, "flow.ts"), `const definition: object = ${JSON.stringify({ name: "flow", steps, final: "extract" })};\nexport default { definition };`);
    writeFileSync(join(folder, "flow.json"), JSON.stringify({ name: "other", steps, final: "extract" }));
    expect((await cli("workflow", "apply", "flow.ts")).stdout).toBe("flow  version 1  stored\n");
    expect((await cli("workflow", "apply", "flow.json", "--name", "flow")).stdout).toBe("flow  version 1  unchanged\n");
    expect((await cli("workflow", "graph", "flow")).stdout).toBe("extract  script  gives the result\nload     script  after extract\n");
    expect((await cli("workflow", "graph", "flow", "--format", "mermaid")).stdout).toMatch(/^flowchart/);
    expect((await cli("workflow", "apply", "say.sh")).code).toBe(2);
  });

  test("a run prints its result, or exits with 1 and can be looked at and retried", async () => {
    expect(await cli("workflow", "run", "flow", "--param", "region=eu", "--wait")).toMatchObject({ code: 0, stdout: '{"rows":3}\n', stderr: expect.stringMatching(/step load {2}completed/) });
    const failed = await cli("workflow", "run", "flow", "--param", "region=us", "--wait", "--json");
    const run = JSON.parse(failed.stdout) as { id: string; state: string };
    expect([failed.code, run.state]).toEqual([1, "failed"]);
    expect((await cli("run", "status", run.id)).stdout).toMatch(/failed +load[\s\S]+process\.exit_1/);
    expect((await cli("run", "retry", run.id)).code).toBe(0);
    expect((await cli("run", "watch", run.id)).code).toBe(1);
    expect((await cli("run", "list", "--workflow", "flow")).stdout).toContain(run.id);
    expect((await cli("workflow", "delete", "flow")).code).toBe(0);
    expect((await cli("workflow", "run", "flow")).code).toBe(3);
  });

  test("a batch waits for its end; failures that it tolerates are no failure", async () => {
    const jobs = [{ script: { inline: "true" } }, { script: { inline: "exit 1" } }];
    expect((await started(["batch", "submit", "-", "--wait"], {}, JSON.stringify(jobs)).ended).code).toBe(1);
    const tolerant = await started(["batch", "submit", "-", "--wait", "--json"], {}, JSON.stringify({ jobs, tolerate: 1 })).ended;
    const batch = JSON.parse(tolerant.stdout) as { id: string; state: string };
    expect([tolerant.code, batch.state]).toEqual([0, "partial"]);
    expect((await cli("batch", "status", batch.id)).stdout).toMatch(/partial[\s\S]+process\.exit_1/);
    expect((await cli("batch", "list")).stdout).toContain(batch.id);
  });
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

/** `script` (util-linux) gives a command a terminal; what is written to its stdin is typed there. */
describe.skipIf(!hasScript)("on a terminal (needs `script`)", () => {
  const onTerminal = (args: readonly string[], environment: Record<string, string> = {}): Running => {
    const quoted = [process.execPath, MAIN, ...args].map((arg) => `'${arg.replaceAll("'", String.raw`'\''`)}'`).join(" ");
    return new Running("script", ["-qec", quoted, "/dev/null"], { COLUMNS: "100", ...environment }, null);
  };

  test("a job is redrawn in place until its end, and the cursor comes back", async () => {
    const { wait, go } = gate("terminal");
    const running = onTerminal(["job", "submit", "--name", "drawn", "--inline", `echo ::progress 40 painting; ${wait}; echo '::result n=1'`, "--wait"]);
    await running.says(/█+░+ 40 % {2}painting/);
    await go();
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/\u001B\[\?25l[\s\S]+\u001B\[2A[\s\S]+completed[\s\S]+\u001B\[\?25h[\s\S]+"n": 1/);
  });

  test("Ctrl-C brings the cursor back and leaves the job alone", async () => {
    const { wait, go } = gate("interrupt");
    const running = onTerminal(["job", "submit", "--id", "interrupted", "--inline", wait, "--wait"]);
    await running.says("running");
    running.child.stdin!.write("\u0003");
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout.slice(stdout.indexOf("Detached"))).toContain("\u001B[?25h");
    expect(await parsed("job", "status", "interrupted")).toMatchObject({ state: "running" });
    await go();
  });

  test("states are coloured unless NO_COLOR is set, and no line is wider than the terminal", async () => {
    await cli("job", "submit", "--inline", "true", "--name", `long ${"name ".repeat(40)}`, "--wait");
    expect((await onTerminal(["job", "list", "--limit", "1"]).ended).stdout).toContain("\u001B[32mcompleted");
    const { stdout } = await onTerminal(["job", "list", "--limit", "1"], { NO_COLOR: "1" }).ended;
    expect(stdout).not.toContain("\u001B[");
    for (const line of stdout.split("\r\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("neither a name nor a log line can steer it", async () => {
    const id = await submitted("--inline", String.raw`printf '\033[2J\033[31mred\033[0m\n'`, "--name", "\u001B]0;title\u0007name");
    await cli("job", "watch", id);
    expect((await onTerminal(["job", "status", id]).ended).stdout).not.toContain("\u0007");
    const { stdout } = await onTerminal(["job", "logs", id]).ended;
    expect(stdout).toContain("\u001B[31mred");
    expect(stdout).not.toContain("\u001B[2J");
  });
});
