import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { addressOf } from "../../cli/address.ts";
import { batchOf } from "../../cli/batch/submit.ts";
import { curlOf } from "../../cli/curl.ts";
import { clockCheck } from "../../cli/doctor/server.ts";
import { nodeCheck } from "../../cli/doctor/machine.ts";
import { CliError } from "../../cli/errors.ts";
import { parseDocument } from "../../cli/input/document.ts";
import { pairOf, paramsOf, valueOf } from "../../cli/input/pairs.ts";
import { instantOf } from "../../cli/job/list.ts";
import { jobOf } from "../../cli/job/spec.ts";
import { messagesOf } from "../../cli/live/stream.ts";
import { queryText } from "../../cli/pages.ts";
import { graphLines } from "../../cli/workflow/graph.ts";

const isUsage = (call: () => unknown): boolean => {
  try {
    call();
    return false;
  } catch (error) {
    return error instanceof CliError && error.exitCode === 2;
  }
};

test("a param is a string unless it is JSON", () => {
  expect(valueOf("eu")).toBe("eu");
  expect(valueOf("3")).toBe(3);
  expect(valueOf('"3"')).toBe("3");
  expect(valueOf('{"a":[1]}')).toEqual({ a: [1] });
  expect(valueOf("true")).toBe(true);
  expect(valueOf("")).toBe("");
  expect(valueOf("007")).toBe("007");
});

test("numbers that JSON cannot hold stay as they were typed", () => {
  expect(valueOf("12345678901234567890")).toBe("12345678901234567890");
  expect(valueOf("1e999")).toBe("1e999");
  expect(valueOf("0.5")).toBe(0.5);
});

test("the first = parts name and value", () => {
  expect(pairOf("query=a=b", "--param")).toEqual(["query", "a=b"]);
  expect(isUsage(() => pairOf("=b", "--param"))).toBe(true);
  expect(isUsage(() => pairOf("alone", "--env"))).toBe(true);
});

test("single params are laid over those of a file", () => {
  expect(paramsOf({ a: 1, b: 2 }, ["b=3", "__proto__=x"])).toEqual(JSON.parse('{"a":1,"b":3,"__proto__":"x"}'));
  expect(paramsOf([1, 2], [])).toEqual([1, 2]);
  expect(paramsOf(undefined, [])).toBeUndefined();
  expect(isUsage(() => paramsOf([1], ["a=1"]))).toBe(true);
});

test("files are JSON by name, else YAML, and say where they are wrong", () => {
  expect(parseDocument('{"a": 1}', "p.json")).toEqual({ a: 1 });
  expect(parseDocument("a: 1\nlist: [x, y]", "p.yaml")).toEqual({ a: 1, list: ["x", "y"] });
  expect(parseDocument('\uFEFF{"a": 1}', "-")).toEqual({ a: 1 });
  expect(() => parseDocument("a: [1", "p.yaml")).toThrow(/line 1/);
  expect(isUsage(() => parseDocument("a: 1", "p.json"))).toBe(true);
  expect(isUsage(() => parseDocument(" \n", "p.yaml"))).toBe(true);
});

test("a command line describes a script job", () => {
  const options = {
    secret: ["TOKEN=env:API"],
    env: ["A=b=c"],
    after: ["one", "two:always"],
    priority: "-5",
    maxAttempts: 3,
    output: ["x.csv"],
    start: false,
  };
  expect(jobOf(options, ["./run.py", "--fast", "1"], { a: 1 }, "/home/me")).toEqual({
    script: { path: "/home/me/run.py", args: ["--fast", "1"] },
    params: { a: 1 },
    env: { A: "b=c", TOKEN: { secret: "env:API" } },
    priority: -5,
    retry: { maxAttempts: 3 },
    dependencies: ["one", { job: "two", on: "always" }],
    outputFiles: ["x.csv"],
    autoStart: false,
  });
});

test("with --image what stands behind -- is the container's command, with --inline the script's arguments", () => {
  expect(jobOf({ image: "alpine" }, ["echo", "hi"], undefined, "/")).toEqual({ container: { image: "alpine", command: ["echo", "hi"] } });
  expect(jobOf({ inline: "echo $1" }, ["hi"], undefined, "/")).toEqual({ script: { inline: "echo $1", args: ["hi"] } });
  expect(jobOf({ function: "f", start: true }, [], undefined, "/")).toEqual({ function: "f" });
});

test("what makes no job is refused before anything is sent", () => {
  expect(isUsage(() => jobOf({}, [], undefined, "/"))).toBe(true);
  expect(isUsage(() => jobOf({ function: "f", image: "i" }, [], undefined, "/"))).toBe(true);
  expect(isUsage(() => jobOf({ function: "f" }, ["x"], undefined, "/"))).toBe(true);
  expect(isUsage(() => jobOf({ function: "f", interpreter: "bash" }, [], undefined, "/"))).toBe(true);
  expect(isUsage(() => jobOf({ concurrencyLimit: 1 }, ["x"], undefined, "/"))).toBe(true);
  expect(isUsage(() => jobOf({ after: ["a:never"] }, ["x"], undefined, "/"))).toBe(true);
  expect(isUsage(() => batchOf({ steps: {} }, undefined))).toBe(true);
});

test("a curl command names the token without showing it, and quotes for the shell", () => {
  const line = curlOf({
    method: "POST",
    url: "http://127.0.0.1:7788/v1/jobs?wait=1",
    headers: { "content-type": "application/json" },
    body: `{"a":"it's $HOME @x"}`,
  });
  expect(line.split(" \\\n  ")).toEqual([
    "curl -sSL -X POST 'http://127.0.0.1:7788/v1/jobs?wait=1'",
    '-H "authorization: Bearer $SWITCHYARD_TOKEN"',
    "-H 'content-type: application/json'",
    String.raw`--data-raw '{"a":"it'\''s $HOME @x"}'`,
  ]);
  expect(curlOf({ method: "GET", url: "http://h/v1/jobs/a/logs?follow=1" })).toMatch(/^curl -sSNL 'http/);
});

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function folderOf(url: string | undefined, pid = process.pid): string {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-cli-"));
  folders.push(folder);
  writeFileSync(join(folder, "token"), "secret\n");
  if (url !== undefined) writeFileSync(join(folder, "server.json"), JSON.stringify({ pid, url }));
  return folder;
}

test("flags come before the environment, it before the running server, that before the default", () => {
  const dir = folderOf("http://127.0.0.1:4000");
  const environment = { SWITCHYARD_DIR: dir, SWITCHYARD_URL: "http://127.0.0.1:5000/", SWITCHYARD_TOKEN: "env" };
  expect(addressOf({ url: "http://127.0.0.1:6000", token: "flag" }, environment)).toMatchObject({
    url: "http://127.0.0.1:6000",
    token: "flag",
  });
  expect(addressOf({}, environment)).toMatchObject({ url: "http://127.0.0.1:5000", token: "env" });
  expect(addressOf({}, { SWITCHYARD_DIR: dir, SWITCHYARD_PORT: "4500" })).toMatchObject({ url: "http://127.0.0.1:4500", token: "secret" });
  expect(addressOf({}, { SWITCHYARD_DIR: dir, SWITCHYARD_URL: "" })).toMatchObject({ url: "http://127.0.0.1:4000", token: "secret" });
  expect(addressOf({ dir: folderOf(undefined) }, {})).toMatchObject({ url: "http://127.0.0.1:7788", token: "secret" });
});

test("what a killed server left behind does not lead astray", () => {
  const { pid } = spawnSync("true");
  expect(addressOf({ dir: folderOf("http://127.0.0.1:4000", pid) }, {}).url).toBe("http://127.0.0.1:7788");
});

test("the token of a data folder is not sent to another machine unless the folder was named for it", () => {
  const dir = folderOf("http://127.0.0.1:4000");
  expect(addressOf({ url: "https://elsewhere.example" }, { SWITCHYARD_DIR: dir }).token).toBeUndefined();
  expect(addressOf({ url: "https://elsewhere.example", dir }, {}).token).toBe("secret");
});

test("what is no address is wrong usage", () => {
  expect(isUsage(() => addressOf({ url: "localhost" }, {}))).toBe(true);
  expect(isUsage(() => addressOf({ url: "file:///etc" }, {}))).toBe(true);
});

test("server-sent events are read wherever they are cut", async () => {
  const text = ': open\n\nid: 7\ndata: {"a":1}\n\nevent: end\r\ndata: one\r\ndata: two\r\n\r\n';
  for (let size = 1; size <= text.length; size++) {
    const chunks = (async function* () {
      for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    })();
    const messages = [];
    for await (const message of messagesOf(chunks)) messages.push(message);
    expect(messages).toEqual([
      { id: "7", event: "message", data: '{"a":1}' },
      { id: "7", event: "end", data: "one\ntwo" },
    ]);
  }
});

test("queries leave out what was not given, and repeat what was given again", () => {
  expect(queryText({ state: undefined, tag: ["a b", "c"], limit: 5 })).toBe("?tag=a+b&tag=c&limit=5");
  expect(queryText({ state: undefined })).toBe("");
});

test("--since takes a duration back from now, or a time", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  expect(instantOf("24h", now)).toBe("2026-01-01T00:00:00.000Z");
  expect(instantOf("2026-01-01T12:00:00+02:00", now)).toBe("2026-01-01T10:00:00.000Z");
  expect(isUsage(() => instantOf("yesterday", now))).toBe(true);
});

test("a graph is listed with each step behind those that it waits for", () => {
  const nodes = ["load", "clean", "extract"].map((step) => ({ step, type: "script", ...(step === "clean" && { matrix: 3 }) }));
  const edges = [
    { from: "extract", to: "clean", on: "success" },
    { from: "clean", to: "load", on: "always" },
  ];
  expect(graphLines({ nodes, edges })).toEqual([
    "extract  script",
    "clean    script × 3  after extract",
    "load     script  after clean (always)",
  ]);
});

test("the doctor knows an old Node and a clock that is off", () => {
  expect(nodeCheck("22.1.0").verdict).toBe("fail");
  expect(nodeCheck("24.0.0").verdict).toBe("ok");
  expect(clockCheck(60_000, 0).verdict).toBe("warn");
  expect(clockCheck(1000, 0).verdict).toBe("ok");
});
