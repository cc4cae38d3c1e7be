// What the command line shows while things go on: followed logs and events, runs, batches, and a terminal.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli, folder, gate, MAIN, parsed, Running, started, submitted, url } from "./cli.given.ts";

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
    writeFileSync(
      join(folder, "flow.ts"),
      `const definition: object = ${JSON.stringify({ name: "flow", steps, final: "extract" })};\nexport default { definition };`,
    );
    writeFileSync(join(folder, "flow.json"), JSON.stringify({ name: "other", steps, final: "extract" }));
    expect((await cli("workflow", "apply", "flow.ts")).stdout).toBe("flow  version 1  stored\n");
    expect((await cli("workflow", "apply", "flow.json", "--name", "flow")).stdout).toBe("flow  version 1  unchanged\n");
    expect((await cli("workflow", "graph", "flow")).stdout).toBe("extract  script  gives the result\nload     script  after extract\n");
    expect((await cli("workflow", "graph", "flow", "--format", "mermaid")).stdout).toMatch(/^flowchart/);
    expect((await cli("workflow", "apply", "say.sh")).code).toBe(2);
  });

  test("a run prints its result, or exits with 1 and can be looked at and retried", async () => {
    expect(await cli("workflow", "run", "flow", "--param", "region=eu", "--wait")).toMatchObject({
      code: 0,
      stdout: '{"rows":3}\n',
      stderr: expect.stringMatching(/step load {2}completed/),
    });
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
const LEFT_OUT = "left out on this machine: commands on a terminal (needs `script` of util-linux)";
if (!hasScript && process.env.CI === "true") throw new Error(LEFT_OUT);
if (!hasScript) console.warn(LEFT_OUT);

/** `script` (util-linux) gives a command a terminal; what is written to its stdin is typed there. */
describe.skipIf(!hasScript)("on a terminal (needs `script`)", () => {
  const onTerminal = (args: readonly string[], environment: Record<string, string> = {}): Running => {
    const quoted = [process.execPath, MAIN, ...args].map((arg) => `'${arg.replaceAll("'", String.raw`'\''`)}'`).join(" ");
    return new Running("script", ["-qec", `exec ${quoted}`, "/dev/null"], { COLUMNS: "100", ...environment }, null);
  };

  test("a job is redrawn in place until its end, and the cursor comes back", async () => {
    const { wait, go } = gate("terminal");
    const running = onTerminal([
      "job",
      "submit",
      "--name",
      "drawn",
      "--inline",
      `echo ::progress 40 painting; ${wait}; echo '::result n=1'`,
      "--wait",
    ]);
    await running.says(/█+░+ 40 % {2}painting/);
    await go();
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    const order = ["\u001B[?25l", "\u001B[2A", "completed", "\u001B[?25h", '"n": 1'].map((part) => stdout.lastIndexOf(part));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order[0]).toBeGreaterThanOrEqual(0);
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
