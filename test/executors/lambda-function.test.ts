// Functions as they are built for Lambda, and called as Lambda would. Beats come every 5 s: tests that need one are run side by side.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { jobFile, jobsFolder } from "./function-support.ts";
import { build, builtFixtures, FunctionLambda } from "./lambda-support.ts";
import { fileIn, newFolder } from "./script-support.ts";

const failure = (more: object) => ({ failure: expect.objectContaining(more) });
const texts = (lines: readonly { text: string }[]): string[] => lines.map(({ text }) => text);
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

const lambdaOf = async (name: string): Promise<FunctionLambda> => FunctionLambda.start({ folder: join(await builtFixtures(), name) });

describe("an attempt that does not take long", () => {
  test("gets its answer without a word to the API", async () => {
    const lambda = await FunctionLambda.start();
    expect(await lambda.act("echo", { text: "hi" })).toEqual({ outcome: { result: '{"text":"hi"}' } });
    expect(await lambda.act("nothing")).toEqual({ outcome: { result: "null" } });
    expect(lambda.api.asked).toEqual([]);
  });

  test("brings what it said and how far it came with its answer", async () => {
    const lambda = await FunctionLambda.start();
    const answer = await lambda.act("speaks", { text: "half way" });
    expect(answer.progress).toEqual({ percent: 50, stage: "stage half way", details: { "half way": "half way" } });
    expect(lambda.api.log(answer)).toEqual([
      { stream: "stdout", text: "console: half way" },
      { stream: "stdout", text: "ctx: half way" },
    ]);
    const written = await lambda.act("writes");
    expect(texts(lambda.api.log(written))).toEqual(["an error", "one line", "and no end"]);
  });

  test("knows its job, its attempt, its inputs and its environment", async () => {
    const lambda = await FunctionLambda.start({ env: { REGION: "here" } });
    const job = { id: "own-id", name: "a name", runId: "run_1", step: "first" };
    const answer = await lambda.act("context", { job, attempt: 3, inputs: { a: { n: 1 } } });
    expect(answer.outcome).toEqual({ result: JSON.stringify({ job, attempt: 3, inputs: { a: { n: 1 } } }) });
    const seen = async (text: string, env = {}) => JSON.parse(((await lambda.act("environment", { text, env })).outcome as { result: string }).result) as { seen: unknown }; // prettier-ignore
    expect(await seen("MINE", { MINE: "yes", REGION: "there" })).toMatchObject({ seen: "yes" });
    expect(await seen("MINE")).toMatchObject({ seen: null });
    expect(await seen("REGION")).toMatchObject({ seen: "here" });
    expect(await seen("LEFT_BEHIND")).toMatchObject({ seen: null });
  });

  test("is refused params that its schema refuses, and a result that breaks its promise", async () => {
    const lambda = await lambdaOf("typed");
    expect((await lambda.run({ params: { size: 3, unit: " g " } })).outcome).toEqual({ result: '{"label":"3 g"}' });
    const invalid = (code: string, message: string) => failure({ code, retryable: false, message: expect.stringContaining(message) });
    expect((await lambda.run({ params: { size: 0 } })).outcome).toEqual(invalid("function.invalid_params", "size: "));
    expect((await lambda.run({ params: { size: 1234567 } })).outcome).toEqual(invalid("function.invalid_result", "label: "));
  });

  test("fails by what it throws, with a stack that shows its source and when to try again", async () => {
    const lambda = await FunctionLambda.start();
    const { outcome } = await lambda.act("throws", { text: "no such thing" });
    expect(outcome).toEqual(failure({ code: "function.threw", message: "no such thing", retryable: true }));
    const { stack } = (outcome as unknown as { failure: { details: { stack: string } } }).failure.details;
    expect(stack).toMatch(/\/jobs\/_behaviour\.ts:\d+:\d+/);
    expect(stack).toContain("[cause]: Error: the reason");
    expect(stack).not.toContain("thread.mjs");
    expect((await lambda.act("notRetryable")).outcome).toEqual(failure({ code: "user.card_declined", retryable: false }));
    expect((await lambda.act("retryAfter")).outcome).toEqual(failure({ code: "function.threw", retryable: true, retryAfterMs: 30_000 }));
    expect((await lambda.act("bigint")).outcome).toEqual(failure({ code: "function.invalid_result" }));
    for (const how of ["unhandled", "uncaught"])
      expect((await lambda.act(how, { text: "dropped" })).outcome).toEqual(failure({ code: "function.threw", message: "dropped" }));
  });

  test("keeps its secrets to itself", async () => {
    const lambda = await FunctionLambda.start();
    const secret = "s3cr3t-value";
    const answer = await lambda.act("speaks", { text: secret, secrets: [secret] });
    expect(answer.outcome).toEqual({ result: '{"***":"***"}' });
    expect(answer.progress).toEqual({ percent: 50, stage: "stage ***", details: { "***": "***" } });
    expect(texts(lambda.api.log(answer))).toEqual(["console: ***", "ctx: ***"]);
    const thrown = await lambda.act("throws", { text: `token ${secret}`, secrets: [secret] });
    expect(JSON.stringify(thrown)).not.toContain(secret);
  });
});

describe("a warm Lambda", () => {
  test("runs its attempts in the same thread, and in a fresh one after the thread died", async () => {
    const text = "let calls = 0;\n";
    const run =
      '({ how }) => { calls++; if (how === "exit") process.exit(3); if (how === "throw") setTimeout(() => { throw new Error("late"); }); return how === "throw" ? new Promise(() => undefined) : calls; }';
    const lambda = await FunctionLambda.start({ folder: join(await build(jobsFolder({ "count.ts": text + jobFile("count", run, "z.object({ how: z.string().default('') })") })), "count") }); // prettier-ignore
    const calls = async (how = "") => (await lambda.run({ params: { how } })).outcome;
    expect([await calls(), await calls(), await calls()]).toEqual([{ result: "1" }, { result: "2" }, { result: "3" }]);
    expect(await calls("exit")).toEqual({ exitCode: 3, ...failure({ code: "process.exit_3" }) });
    expect([await calls(), await calls("throw")]).toEqual([{ result: "1" }, failure({ message: "late" })]);
    expect(await calls()).toEqual({ result: "1" });
  });

  test("runs one attempt after the other, also when they come together", async () => {
    const lambda = await FunctionLambda.start();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => lambda.act("echo", { text: `${index}` })));
    expect(answers).toEqual(answers.map((_, index) => ({ outcome: { result: `{"text":"${index}"}` } })));
  });

  test("keeps what an earlier attempt says, throws or ends out of the next one", async () => {
    const lambda = await FunctionLambda.start();
    for (const how of ["speaksLater", "throwsLater"]) {
      await lambda.act(how, { text: "late" });
      const answer = await lambda.act("letTheOtherGoOn");
      expect([answer.outcome, texts(lambda.api.log(answer))]).toEqual([{ result: "null" }, ["mine"]]);
    }
    await lambda.act("exitsLater");
    expect((await lambda.act("letTheOtherGoOn")).outcome).toEqual({ lost: expect.stringContaining("process.exit(5)") });
    expect((await lambda.act("nothing")).outcome).toEqual({ result: "null" });
  });

  test("leaves nothing of an attempt on its disk", async () => {
    const lambda = await FunctionLambda.start();
    await lambda.act("speaks", { text: "a" });
    await lambda.act("leave", { text: "a/b.txt", count: 10 });
    await lambda.act("linesThenExit", { count: 10 });
    const [scratch] = readdirSync(lambda.tmp);
    expect(readdirSync(join(lambda.tmp, scratch!))).toEqual([]);
  });
});

describe("the end of a function", () => {
  test("process.exit is a failure with its code, and nothing it said is lost", async () => {
    const lambda = await FunctionLambda.start();
    const answer = await lambda.act("linesThenExit", { count: 1000 });
    expect(answer.outcome).toEqual({ exitCode: 4, ...failure({ code: "process.exit_4", retryable: true }) });
    expect(texts(lambda.api.log(answer))).toEqual([...numbered(1000), "half a line"]);
    expect((await lambda.act("exit", { count: 0 })).outcome).toEqual({ exitCode: 0, ...failure({ code: "process.exit_0" }) });
  });

  test("too much memory ends it alone", async () => {
    const lambda = await FunctionLambda.start({ memoryMb: 128 });
    const outcome = failure({ code: "process.out_of_memory", retryable: false, message: expect.stringContaining("more memory") });
    expect((await lambda.act("heapBomb")).outcome).toEqual(outcome);
    expect((await lambda.act("nothing")).outcome).toEqual({ result: "null" });
  });

  test("an endless loop is killed when its time is over, with all that it said", async () => {
    const lambda = await FunctionLambda.start();
    const answer = await lambda.act("linesThenLoop", { count: 1000, timeoutMs: 1000, killGraceMs: 100 });
    const message = expect.stringMatching(/within its time-out\. It ran for 1\.\d s\.$/);
    const timedOut = { code: "attempt.timed_out", retryable: true, message };
    expect(answer.outcome).toEqual(failure(timedOut));
    expect(texts(lambda.api.log(answer))).toEqual(numbered(1000));
    expect((await lambda.act("nothing")).outcome).toEqual({ result: "null" });
  });

  test("who stops when his signal says so has timed out all the same", async () => {
    const lambda = await FunctionLambda.start();
    await lambda.act("nothing");
    const answer = await lambda.act("waitForStop", { timeoutMs: 300, timeoutCode: "job.deadline_exceeded" });
    expect(answer.outcome).toEqual(failure({ code: "job.deadline_exceeded", retryable: false }));
    expect(texts(lambda.api.log(answer))).toEqual(["told to stop"]);
  });

  test("comes before the Lambda's own, with its grace, whatever it was promised", async () => {
    const lambda = await FunctionLambda.start();
    await lambda.act("nothing");
    const call = (name: string, killGraceMs: number) => lambda.call({ params: { do: name }, timeoutMs: 900_000, killGraceMs });
    const answer = await lambda.invoke(call("waitForStop", 500), 3000);
    expect(answer.outcome).toEqual(failure({ code: "attempt.timed_out" }));
    expect(texts(lambda.api.log(answer))).toEqual(["told to stop"]);
    expect((await lambda.invoke(call("loop", 60_000), 2500)).outcome).toEqual(failure({ code: "attempt.timed_out" }));
  });

  test("native code that cannot be ended never runs beside another attempt", async () => {
    const lambda = await FunctionLambda.start();
    const folder = newFolder();
    const call = lambda.call({ params: { do: "nativeSleep", count: 10, text: join(folder, "asleep") }, timeoutMs: 100, killGraceMs: 0 });
    const answer = lambda.invoke(call);
    await fileIn(folder, "asleep");
    expect((await answer).outcome).toEqual(failure({ code: "attempt.timed_out" }));
    await expect(lambda.act("nothing")).rejects.toThrow("ended by SIGKILL");
  });

  test("a job that cannot be loaded is a failure, and its words are in the log", async () => {
    const marker = join(newFolder(), "armed");
    const text = `import { existsSync } from "node:fs"; console.log("loading"); if (!existsSync(${JSON.stringify(marker)}) && process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) throw new Error("broken now");\n`;
    const lambda = await FunctionLambda.start({ folder: join(await build(jobsFolder({ "a.ts": text + jobFile("a", "() => 1") })), "a") });
    const answer = await lambda.run();
    expect(answer.outcome).toEqual(failure({ code: "function.threw", message: "broken now" }));
    expect(texts(lambda.api.log(answer))).toEqual(["loading"]);
  });
});

describe("what does not fit into an answer", () => {
  test("is fetched before: params, environment and secrets", async () => {
    const lambda = await FunctionLambda.start();
    lambda.api.given = { params: JSON.stringify({ do: "environment", text: "TOKEN" }), inputs: "{}", env: { TOKEN: "s3cr3t-value" }, secrets: ["s3cr3t-value"] }; // prettier-ignore
    lambda.api.faults.push({ route: /^GET \/$/, status: 503, times: 2 });
    const { outcome } = await lambda.invoke({ ...lambda.call(), given: null });
    expect(JSON.parse((outcome as { result: string }).result)).toMatchObject({ seen: "***" });
    expect(lambda.api.asked).toEqual(["GET /", "GET /", "GET /"]);
  });

  test("what cannot be fetched is lost, and what is missing is a failure", async () => {
    const lambda = await FunctionLambda.start();
    lambda.api.faults.push({ route: /^GET \/$/, status: 400, times: 1 });
    const ask = () => lambda.invoke({ ...lambda.call(), given: null });
    expect(await ask()).toEqual({ outcome: { lost: expect.stringContaining("could not be fetched: GET / of the attempt: not now") } });
    const missing = { code: "secret.unavailable", message: "The secret env:A is not there any more.", retryable: false };
    lambda.api.given = { failure: missing };
    expect(await ask()).toEqual({ outcome: { failure: missing } });
  });

  test("a large result is put where the API says", async () => {
    const lambda = await FunctionLambda.start();
    const answer = await lambda.act("large", { count: 100_000 });
    expect(answer).toEqual({ outcome: { storedResult: true } });
    expect(lambda.api.puts.get("result")).toEqual({ body: `"${"x".repeat(100_000)}"`, type: "a/type", length: "100002" });
    expect((await lambda.act("large", { count: 5_000_001 })).outcome).toEqual(failure({ code: "output.too_large" }));
  });

  test("artifacts are put where the API says, also those of an attempt that failed", async () => {
    const lambda = await FunctionLambda.start();
    expect((await lambda.act("leave", { text: "a.json,charts/b.svg,empty", count: 10, outputFiles: ["a.json"] })).outcome).toEqual({ result: "null" }); // prettier-ignore
    expect(lambda.api.announced.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      { path: "a.json", size: 10, contentType: "application/json" },
      { path: "charts/b.svg", size: 10, contentType: "image/svg+xml" },
      { path: "empty", size: 10, contentType: "application/octet-stream" },
    ]);
    expect(lambda.api.puts.get("charts/b.svg")).toEqual({ body: "xxxxxxxxxx", type: "a/type", length: "10" });
    expect((await lambda.act("leave", { text: "why.log!", count: 0 })).outcome).toEqual(failure({ message: "left something and failed" }));
    expect(lambda.api.puts.get("why.log")).toEqual({ body: "", type: "a/type", length: "0" });
  });

  test("many artifacts are all put", async () => {
    const lambda = await FunctionLambda.start();
    const names = Array.from({ length: 250 }, (_, index) => `part-${index}`);
    expect((await lambda.act("leave", { text: names.join(), count: 5 })).outcome).toEqual({ result: "null" });
    expect([...lambda.api.puts.keys()].toSorted()).toEqual(names.toSorted());
  });

  test("a declared output that is not there is a failure, and what cannot be put is lost", async () => {
    const lambda = await FunctionLambda.start();
    const missing = failure({ code: "output.missing", message: expect.stringContaining("report.pdf") });
    expect((await lambda.act("nothing", { outputFiles: ["report.pdf"] })).outcome).toEqual(missing);
    lambda.api.faults.push({ route: /^PUT/, status: 403, times: 1 });
    expect((await lambda.act("leave", { text: "a", count: 1 })).outcome).toEqual({ lost: expect.stringContaining("HTTP 403") });
    lambda.api.faults.push({ route: /^PUT/, status: 403, times: 1 });
    expect((await lambda.act("leave", { text: "a!", count: 1 })).outcome).toEqual(failure({ message: "left something and failed" }));
  });

  test("a long log is shipped but for its end, in order and without a gap", async () => {
    const lambda = await FunctionLambda.start();
    lambda.api.faults.push({ route: /^POST \/logs/, status: 500, times: 1 });
    const answer = await lambda.act("linesThenExit", { count: 100_000 });
    expect(Buffer.byteLength(JSON.stringify(answer.logs!.records))).toBeLessThanOrEqual(48 * 1024);
    expect(lambda.api.chunks.length).toBeGreaterThan(1);
    expect(texts(lambda.api.log(answer))).toEqual([...numbered(100_000), "half a line"]);
  });

  test("a log that cannot be shipped fails nobody, and its end has the right numbers", async () => {
    const lambda = await FunctionLambda.start();
    lambda.api.faults.push({ route: /^POST \/logs/, status: 400, times: 1 });
    const answer = await lambda.act("linesThenExit", { count: 10_000 });
    expect(answer.outcome).toEqual({ exitCode: 4, ...failure({ code: "process.exit_4" }) });
    const [first] = answer.logs!.records.split("\n");
    expect(first).toMatch(new RegExp(` line ${answer.logs!.from + 1}$`));
    expect(answer.logs!.from).toBeGreaterThan(0);
  });

  test("a checkpoint is stored once it is written, and there for the next attempt", async () => {
    const lambda = await FunctionLambda.start();
    expect((await lambda.act("save", { text: "half way" })).outcome).toEqual({ result: '{"before":null}' });
    expect(lambda.api.checkpoint).toEqual({ text: "half way" });
    expect((await lambda.act("save", { attempt: 2 })).outcome).toEqual({ result: '{"before":{"text":"half way"}}' });
    lambda.api.faults.push({ route: /checkpoint/, status: 409, times: 1 });
    expect((await lambda.act("save")).outcome).toEqual(failure({ message: "The checkpoint: not now" }));
  });
});

describe.concurrent("an attempt that lasts", () => {
  test("says every 5 s that it lives, how far it came and what it said", async ({ onTestFinished }) => {
    const lambda = await FunctionLambda.start({}, onTestFinished);
    const answer = lambda.act("progressThenSleep", { text: "on the way", count: 6500 });
    await lambda.api.until(() => lambda.api.beats.length === 1 && lambda.api.chunks.length === 1);
    expect(lambda.api.beats).toEqual([{ progress: { percent: 10, stage: "on the way" } }]);
    expect(texts(lambda.api.log({}))).toEqual(["on the way"]);
    expect(await answer).toMatchObject({ outcome: { result: "null" }, logs: { from: 1 }, progress: { percent: 20, stage: "on the way" } });
    expect(texts(lambda.api.log(await answer))).toEqual(["on the way", "there"]);
  });

  test("is stopped when somebody asks for its end, and has its grace", async ({ onTestFinished }) => {
    const lambda = await FunctionLambda.start({}, onTestFinished);
    lambda.api.beat = { cancel: true, isCurrent: true };
    const answer = await lambda.act("waitForStop");
    expect(answer.outcome).toEqual({ stopped: true });
    expect(texts(lambda.api.log(answer))).toEqual(["told to stop"]);
    expect((await lambda.act("nothing")).outcome).toEqual({ result: "null" });
  });

  test("is killed after its grace if it does not stop", async ({ onTestFinished }) => {
    const lambda = await FunctionLambda.start({}, onTestFinished);
    lambda.api.beat = { cancel: true, isCurrent: true };
    expect((await lambda.act("loop", { killGraceMs: 100 })).outcome).toEqual({ stopped: true });
  });

  test.for([200, 409])(
    "is killed at once when another has taken its place, and leaves nothing: HTTP %i",
    async (status, { onTestFinished }) => {
      const lambda = await FunctionLambda.start({}, onTestFinished);
      lambda.api.beat = { cancel: false, isCurrent: false };
      if (status !== 200) lambda.api.faults.push({ route: /beat/, status, times: 1 });
      expect(await lambda.act("loop", { killGraceMs: 60_000 })).toEqual({ outcome: { stopped: true } });
      expect(lambda.api.asked.filter((asked) => asked.includes("artifacts"))).toEqual([]);
    },
  );

  test("goes on though the API does not answer, and tells all in the end", async ({ onTestFinished }) => {
    const lambda = await FunctionLambda.start({}, onTestFinished);
    lambda.api.faults.push({ route: /beat|logs/, status: 503, times: 1000 });
    const answer = await lambda.act("progressThenSleep", { text: "alone", count: 5500 });
    expect(answer).toMatchObject({ outcome: { result: "null" }, logs: { from: 0 }, progress: { percent: 20, stage: "alone" } });
    expect(texts(lambda.api.log(answer))).toEqual(["alone", "there"]);
  });
});

test("files beside a job's source are beside it on Lambda, too", async () => {
  const jobsDir = jobsFolder({
    "mail/send.ts": `import { readFileSync } from "node:fs"; import { defineJob } from "switchyard"; import { z } from "zod";
      const words = readFileSync(new URL("./words.txt", import.meta.url), "utf8");
      export default defineJob({ name: "send", params: z.object({}), run: () => ({ words, more: readFileSync(new URL("../data/a.txt", import.meta.url), "utf8"), name: require("node:path").basename(__filename) }) });`,
    "mail/words.txt": "beside it",
    "data/a.txt": "above it",
  });
  const lambda = await FunctionLambda.start({ folder: join(await build(jobsDir), "send") });
  expect((await lambda.run()).outcome).toEqual({ result: JSON.stringify({ words: "beside it", more: "above it", name: "send.ts" }) });
  expect(existsSync(join(jobsDir, "mail/words.txt"))).toBe(true);
});
