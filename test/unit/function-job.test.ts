// The parts of a function job's Lambda that decide something.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { travelling } from "../../shared/adapters/aws/function-job/answer.ts";
import { functionEnvironment, heapMbOf } from "../../shared/adapters/aws/function-job/lambda-environment.ts";
import { limitsOf } from "../../shared/adapters/aws/function-job/limits.ts";
import { LogShipper } from "../../shared/adapters/aws/function-job/log-shipper.ts";
import { ProgressSoFar } from "../../shared/adapters/aws/function-job/progress-so-far.ts";
import { AttemptClient } from "../../shared/attempt/protocol-client.ts";

describe("the time of an attempt", () => {
  test("is what it was promised, if the Lambda has that much", () => {
    expect(limitsOf({ timeoutMs: 60_000, killGraceMs: 10_000 }, 75_000)).toEqual({ stopMs: 60_000, killMs: 73_000 });
    expect(limitsOf({ timeoutMs: 70_000, killGraceMs: 10_000 }, 75_000)).toEqual({ stopMs: 70_000, killMs: 73_000 });
  });

  test("has its grace within the Lambda's own, if that is less", () => {
    expect(limitsOf({ timeoutMs: 900_000, killGraceMs: 10_000 }, 900_000)).toEqual({ stopMs: 888_000, killMs: 898_000 });
    expect(limitsOf({ timeoutMs: 900_000, killGraceMs: 10_000 }, 1500)).toEqual({ stopMs: 0, killMs: 0 });
  });
});

test("a function's heap is smaller than its Lambda's memory", () => {
  const heap = (memoryMb: number) => heapMbOf({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb) });
  expect([128, 512, 1024, 10_240].map(heap)).toEqual([48, 380, 841, 9136]);
});

test("a function sees its Lambda's environment, but not how the runtime is called", () => {
  expect(functionEnvironment({ AWS_REGION: "eu-west-1", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001", _HANDLER: "index.handler" })).toEqual({
    AWS_REGION: "eu-west-1",
  });
});

describe("progress that was told", () => {
  test("is merged, and said once", () => {
    const progress = new ProgressSoFar();
    expect(progress.unsaid).toBe(null);
    progress.tell({ percent: 1, stage: "a", details: { x: 1 } });
    progress.tell({ percent: 2, details: { y: 2 } });
    const news = progress.unsaid;
    expect(news).toEqual({ percent: 2, stage: "a", details: { x: 1, y: 2 } });
    progress.tell({ percent: 3 });
    progress.isSaid(news);
    expect(progress.unsaid).toEqual({ percent: 3, stage: "a", details: { x: 1, y: 2 } });
    progress.isSaid(progress.unsaid);
    expect(progress.unsaid).toBe(null);
  });

  test("is what the API takes", () => {
    const progress = new ProgressSoFar();
    progress.tell({ percent: NaN, stage: "s".repeat(2000), details: { kept: true } });
    progress.tell({ percent: 4, details: { large: "x".repeat(20_000) } });
    expect(progress.unsaid).toEqual({ percent: 4, stage: "s".repeat(1000), details: { kept: true } });
  });
});

describe("the end of a log that comes with the answer", () => {
  async function finished(text: string) {
    const folder = mkdtempSync(join(tmpdir(), "switchyard-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "log"), text);
    const shipped: string[] = [];
    const logs = (from: number, records: string): Promise<void> => {
      expect(from).toBe(shipped.join("").split("\n").length - 1);
      return Promise.resolve(void shipped.push(records));
    };
    const shipper = new LogShipper(join(folder, "log"), { logs } as unknown as AttemptClient);
    const tail = await shipper.finish(AbortSignal.abort());
    shipper.close();
    return { tail, shipped: shipped.join("") };
  }
  const records = (count: number, text: string): string => Array.from({ length: count }, (_, index) => `1 o ${text} ${index}\n`).join("");

  test("is all of a short one, but not a record that was never written in full", async () => {
    expect(await finished("1 o a\n1 o b\n1 o ha")).toEqual({ tail: { from: 0, records: "1 o a\n1 o b\n" }, shipped: "" });
    expect(await finished("1 o ha")).toEqual({ tail: null, shipped: "" });
  });

  test.each(["plain", "\u001b[31mcoloured\u001b[0m", "ünïcödé"])("has room in it as JSON, and the rest was shipped: %j", async (text) => {
    const all = records(100_000, text);
    const { tail, shipped } = await finished(all);
    expect(shipped + tail!.records).toBe(all);
    expect(tail!.from).toBe(shipped.split("\n").length - 1);
    const bytes = Buffer.byteLength(JSON.stringify(tail!.records));
    expect([bytes <= 48 * 1024, bytes > 47 * 1024]).toEqual([true, true]);
  });

  test("is nothing where the last record alone is too large", async () => {
    const line = `1 o ${"x".repeat(60_000)}\n`;
    expect(await finished(line)).toEqual({ tail: null, shipped: line });
  });
});

test("details of a failure that are too large for the state machine are left out, but not its stack", async () => {
  const client = new AttemptClient({ url: "http://127.0.0.1:9", token: "", attemptId: "att_1" });
  const travelled = (details: Record<string, string>) =>
    travelling({ failure: { code: "function.threw", message: "m", retryable: true, details } }, client, AbortSignal.abort());
  const small = { name: "Error", stack: "at x", more: "x".repeat(1000) };
  expect(await travelled(small)).toMatchObject({ failure: { details: small } });
  const { failure } = (await travelled({ ...small, more: "x".repeat(60_000) })) as { failure: { details: unknown } };
  expect(failure.details).toEqual({ name: "Error", stack: "at x" });
});
