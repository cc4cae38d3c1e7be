import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { LocalArtifacts } from "../../shared/adapters/local/artifacts.ts";
import { LocalLogs } from "../../shared/adapters/local/logs.ts";
import { nullIfAbsent } from "../../shared/attempt/absent.ts";
import { collectOutputs } from "../../shared/attempt/collect.ts";
import { attemptFolder, filesOf, prepareFolder } from "../../shared/attempt/folder.ts";
import { encodeLines } from "../../shared/attempt/log-format.ts";
import { seqOf } from "../../shared/domain/log.ts";

const dataDir = mkdtempSync(join(tmpdir(), "switchyard-test-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe("logs", () => {
  const logs = new LocalLogs(dataDir);
  const attempt = (number: number) => ({ id: `att_${number}`, number });
  const logPath = (job: string, number: number) => filesOf(attemptFolder(dataDir, job, number, `att_${number}`)).log;
  const texts = (lines: readonly { text: string }[]) => lines.map(({ text }) => text);

  test("are read page by page over all attempts, in order", async () => {
    put(logPath("paged", 1), encodeLines(1, "stdout", "a\nb\nc"));
    put(logPath("paged", 3), encodeLines(2, "stderr", "d\ne"));
    const ask = { job: "paged", attempts: [attempt(3), attempt(2), attempt(1)], limit: 2 };
    const first = await logs.read({ ...ask, afterSeq: 0 });
    expect(first).toEqual({
      lines: [
        { seq: seqOf(1, 1), at: 1, stream: "stdout", text: "a", attempt: 1 },
        { seq: seqOf(1, 2), at: 1, stream: "stdout", text: "b", attempt: 1 },
      ],
      more: true,
    });
    const second = await logs.read({ ...ask, afterSeq: seqOf(1, 2) });
    expect([texts(second.lines), second.more]).toEqual([["c", "d"], true]);
    const third = await logs.read({ ...ask, afterSeq: seqOf(3, 1) });
    expect([texts(third.lines), third.more]).toEqual([["e"], false]);
    expect(await logs.read({ ...ask, afterSeq: seqOf(3, 2) })).toEqual({ lines: [], more: false });
  });

  test("a record that is still being written is not there yet", async () => {
    const path = logPath("torn", 1);
    put(path, `${encodeLines(1, "stdout", "whole")}1 o to`);
    const ask = { job: "torn", attempts: [attempt(1)], limit: 10 };
    expect(texts((await logs.read({ ...ask, afterSeq: 0 })).lines)).toEqual(["whole"]);
    expect(texts(await logs.tail(ask))).toEqual(["whole"]);
    appendFileSync(path, "rn\n");
    expect((await logs.read({ ...ask, afterSeq: seqOf(1, 1) })).lines).toMatchObject([{ seq: seqOf(1, 2), text: "torn" }]);
  });

  test("the end of a long log has its line numbers, also while it grows", async () => {
    const path = logPath("long", 1);
    const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`).join("\n");
    put(path, encodeLines(1, "stdout", numbers(1, 300_001)));
    const ask = { job: "long", attempts: [attempt(1)], limit: 3 };
    const tail = await logs.tail(ask);
    expect(tail.map(({ seq, text }) => [seq, text])).toEqual([299_998, 299_999, 300_000].map((line) => [seqOf(1, line), `line ${line}`]));
    appendFileSync(path, encodeLines(1, "stdout", numbers(300_001, 300_003)));
    expect(texts(await logs.tail(ask))).toEqual(["line 300000", "line 300001", "line 300002"]);
    for (const line of [0, 1, 123_456, 299_999, 5]) {
      expect((await logs.read({ ...ask, afterSeq: seqOf(1, line), limit: 1 })).lines).toMatchObject([
        { text: `line ${line + 1}`, seq: seqOf(1, line + 1) },
      ]);
    }
  });

  test("the end of a log reaches back over attempts", async () => {
    put(logPath("retried", 1), encodeLines(1, "stdout", "a\nb"));
    put(logPath("retried", 2), encodeLines(1, "stdout", "c"));
    expect(texts(await logs.tail({ job: "retried", attempts: [attempt(1), attempt(2)], limit: 2 }))).toEqual(["b", "c"]);
  });

  test("a job that wrote nothing has no lines", async () => {
    expect(await logs.read({ job: "silent", attempts: [attempt(1)], afterSeq: 0, limit: 5 })).toEqual({ lines: [], more: false });
    await logs.remove(["paged", "silent"]);
    expect(await logs.tail({ job: "paged", attempts: [attempt(1)], limit: 5 })).toEqual([]);
  });

  test("lines of 64 KB come in pages of a few megabytes, and none is lost", async () => {
    put(logPath("wide", 1), encodeLines(1, "stdout", Array.from({ length: 200 }, () => "x".repeat(60_000)).join("\n")));
    let count = 0;
    for (let more = true; more;) {
      const page = await logs.read({ job: "wide", attempts: [attempt(1)], afterSeq: seqOf(1, count), limit: 1000 });
      expect(page.lines.length).toBeLessThan(100);
      count += page.lines.length;
      more = page.more;
    }
    expect(count).toBe(200);
  });
});

describe("artifacts", () => {
  const artifacts = new LocalArtifacts(dataDir);
  const artifactsOf = (job: string, attempt: number) => filesOf(attemptFolder(dataDir, job, attempt, `att_${attempt}`)).artifacts;
  const textOf = async (job: string, path: string) => {
    const found = await artifacts.open(job, path);
    return found && new Response(found.body).text();
  };

  test("of all attempts are listed by path, the latest attempt's first", async () => {
    put(join(artifactsOf("made", 1), "a.txt"), "old");
    put(join(artifactsOf("made", 1), "b/c.json"), "{}");
    put(join(artifactsOf("made", 10), "a.txt"), "newer");
    put(join(artifactsOf("made", 10), "empty"), "");
    const page = await artifacts.list("made", { limit: 2 });
    expect(page).toMatchObject({
      items: [
        { path: "a.txt", size: 5, contentType: "text/plain; charset=utf-8", attempt: 10 },
        { path: "b/c.json", size: 2, contentType: "application/json", attempt: 1 },
      ],
      next: "b/c.json",
    });
    expect(await artifacts.list("made", { limit: 2, after: page.next })).toMatchObject({
      items: [{ path: "empty", size: 0, contentType: "application/octet-stream", attempt: 10 }],
    });
    expect(await textOf("made", "a.txt")).toBe("newer");
    expect(await textOf("made", "b/c.json")).toBe("{}");
    expect(await textOf("made", "empty")).toBe("");
  });

  test("no path and no link leads out of them", async () => {
    const folder = artifactsOf("sly", 1);
    put(join(folder, "real.txt"), "mine");
    put(join(folder, "../params.json"), "params");
    symlinkSync("/etc/passwd", join(folder, "passwd"));
    symlinkSync("/etc", join(folder, "etc"));
    symlinkSync("../params.json", join(folder, "params"));
    symlinkSync("real.txt", join(folder, "link.txt"));
    expect((await artifacts.list("sly", { limit: 10 })).items.map(({ path }) => path)).toEqual(["link.txt", "real.txt"]);
    for (const path of ["passwd", "etc/passwd", "params", "../params.json", "/etc/passwd", "a/../../params.json", ".", "", "etc"]) {
      expect(await artifacts.open("sly", path)).toBeNull();
    }
    expect(await textOf("sly", "link.txt")).toBe("mine");
  });

  test("are removed with all that the job left", async () => {
    put(join(artifactsOf("gone", 1), "a"), "a");
    await artifacts.remove(["gone", "never-was"]);
    expect((await artifacts.list("gone", { limit: 1 })).items).toEqual([]);
    await expect(artifacts.remove(["../gone"])).rejects.toThrow("cannot be the name");
  });
});

describe("collecting outputs", () => {
  test("takes files and folders, and names what is missing", async () => {
    const files = filesOf(attemptFolder(dataDir, "collect", 1, "att_1"));
    put(join(files.work, "out/deep/a.txt"), "a");
    put(join(files.work, "b.txt"), "b");
    put(join(files.artifacts, "b.txt"), "older");
    symlinkSync("/etc/passwd", join(files.work, "out/passwd"));
    const declared = ["out", "b.txt", "none", "../params.json", "out/passwd"];
    expect(await collectOutputs({ workingDir: files.work, artifacts: files.artifacts, declared })).toEqual([
      "none",
      "../params.json",
      "out/passwd",
    ]);
    expect(readdirSync(files.artifacts, { recursive: true }).toSorted()).toEqual(["b.txt", "out", "out/deep", "out/deep/a.txt"]);
  });

  test("a checkpoint of an earlier attempt is carried over, a link is not", async () => {
    const prepared = (attempt: number) =>
      prepareFolder({ dataDir, jobId: "saved", attempt, attemptId: `att_${attempt}`, params: "{}", inputs: "{}" });
    put(filesOf(await prepared(1)).checkpoint, "step 1");
    const third = filesOf(await prepared(3)).checkpoint;
    expect(readdirSync(dirname(third))).toContain("checkpoint");
    rmSync(third);
    symlinkSync("/etc/passwd", third);
    rmSync(filesOf(attemptFolder(dataDir, "saved", 1, "att_1")).checkpoint);
    expect(readdirSync(await prepared(4))).not.toContain("checkpoint");
  });
});

test("a file that is not there is an answer, one that could not be looked at is an error", () => {
  const failure = (code: string): Error => Object.assign(new Error(code), { code });
  expect(nullIfAbsent(failure("ENOENT"))).toBeNull();
  expect(() => nullIfAbsent(failure("EMFILE"))).toThrow("EMFILE");
});
