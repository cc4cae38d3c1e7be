import { describe, expect, test } from "vitest";
import { contractEnvironment, environmentOf, inheritedEnvironment, paramsEnvironment } from "../../shared/attempt/environment.ts";
import { jsonDepth } from "../../shared/attempt/left.ts";
import { Mask } from "../../shared/attempt/mask.ts";
import { outcomeOf, type Left } from "../../shared/attempt/outcome.ts";
import { AttemptOutput } from "../../shared/attempt/output.ts";
import { sayingOf } from "../../shared/attempt/told.ts";
import type { ProgressNews } from "../../shared/domain/progress.ts";

function outputOf(...chunks: string[]) {
  const news: ProgressNews[] = [];
  let log = "";
  const output = new AttemptOutput([], { log: (records) => (log += records), progress: (one) => news.push(one) });
  for (const chunk of chunks) output.take("stdout", Buffer.from(chunk));
  return { ...output.end(), news, log };
}

describe("what a job says on stdout", () => {
  test.each([
    ["::progress 42 half way", { progress: { percent: 42, stage: "half way" } }],
    ["::progress 7.5%", { progress: { percent: 7.5 } }],
    ["::progress soon", null],
    ["::error card_declined no money", { error: { code: "card_declined", message: "no money" } }],
    ["::error broken", { error: { code: "broken", message: "broken" } }],
    ["::result", null],
    ["::notice x", null],
    [" ::progress 4", null],
  ])("%s", (line, saying) => {
    expect(sayingOf(line)).toEqual(saying);
  });

  test("a result's value is JSON, or else text", () => {
    expect(outputOf('::result a={"b":1}\n::result c=1=2\n', "::result __proto__=[1]\n").told.results).toEqual(
      Object.fromEntries([["a", { b: 1 }], ["c", "1=2"], ["__proto__", [1]]]), // prettier-ignore
    );
  });

  test("a result longer than a record of the log is heard in full, and what follows too", () => {
    const long = "x".repeat(300_000);
    const { told, news } = outputOf(`::result long=${long.slice(0, 100_000)}`, `${long.slice(100_000)}\n::progress 5\n`);
    expect(told.results).toEqual({ long });
    expect(news).toEqual([{ percent: 5 }]);
  });

  test("results over 5 MB are not kept", () => {
    expect(outputOf(...Array.from({ length: 60 }, (_, n) => `::result k${n}=${"x".repeat(100_000)}\n`)).told.tooLarge).toBe(true);
  });

  test("the tail keeps the last 32 KB at a character's border", () => {
    const { stdoutTail } = outputOf("é".repeat(100_000), "x\nend");
    expect(Buffer.byteLength(stdoutTail)).toBeLessThanOrEqual(32 * 1024);
    expect(stdoutTail.endsWith("éx\nend")).toBe(true);
    expect(stdoutTail).not.toContain("\uFFFD");
  });
});

describe("the outcome", () => {
  const left = (more: Partial<Left["end"]> & Partial<Omit<Left, "end">> = {}): Left => {
    const { result = null, error = null, missing = [], ...end } = more;
    const told = { results: null, error: null };
    return { result, error, missing, end: { exitCode: 0, signal: null, told, stdoutTail: "out\n", stderrTail: "", ...end } };
  };
  const outcome = (more: Parameters<typeof left>[0]) => outcomeOf(left(more), new Mask(["hidden"]));

  test("result.json comes before told results, and those before stdout", () => {
    const told = { results: { a: 1 }, error: null };
    expect(outcome({ result: { text: " [1] " }, told })).toEqual({ exitCode: 0, result: "[1]" });
    expect(outcome({ told })).toEqual({ exitCode: 0, result: '{"a":1}' });
    expect(outcome({})).toEqual({ exitCode: 0, result: '{"stdout":"out\\n"}' });
  });

  test("a result nested too deep is refused", () => {
    expect(outcome({ result: { text: "[".repeat(65) + "]".repeat(65) } })).toMatchObject({ failure: { code: "result.invalid" } });
    expect(jsonDepth('{"a[[[\\"{":[{}]}')).toBe(3);
  });

  test("error.json comes before ::error, and both before the exit code", () => {
    const told = { results: null, error: { code: "told", message: "hidden" } };
    expect(outcome({ exitCode: 1, told, error: { text: '{"code":"user.x","message":"hidden y","retryable":false}' } })).toEqual({
      exitCode: 1,
      failure: { code: "user.x", message: "*** y", retryable: false },
    });
    expect(outcome({ exitCode: 1, told })).toMatchObject({ failure: { code: "user.told", message: "***", retryable: true } });
    expect(outcome({ exitCode: 1, error: { text: "no JSON" }, stderrTail: "one\nlast hidden\n\n" })).toMatchObject({
      failure: { code: "process.exit_1", message: "exited with 1: last ***" },
    });
  });

  test("a job that says it failed but exits with 0 succeeded", () => {
    expect(outcome({ told: { results: null, error: { code: "x", message: "y" } } })).toHaveProperty("result");
  });

  test("a program that is not there is not tried again, a full process table is", () => {
    const started = (code: string) => outcome({ exitCode: null, spawnError: { code, message: code } });
    expect(started("ENOENT")).toEqual({ failure: { code: "process.start_failed", message: "ENOENT", retryable: false } });
    expect(started("EAGAIN")).toMatchObject({ failure: { retryable: true } });
  });
});

describe("the environment", () => {
  test("has plain params by name, unless they cannot be there", () => {
    const params = { name: "x", "max-count": 1.5, dry: false, list: [], none: null, zero: "a\0b", big: "x".repeat(100_001) };
    expect(paramsEnvironment(JSON.stringify(params))).toEqual({ PARAM_NAME: "x", PARAM_MAX_COUNT: "1.5", PARAM_DRY: "false" });
    expect(paramsEnvironment("[1]")).toEqual({});
  });

  test("the job's own comes before the inherited, the contract before all", () => {
    const inherited = inheritedEnvironment({ PATH: "/bin", LANG: "C", SECRET: "s", EXTRA: "e" }, ["EXTRA", "ABSENT"]);
    const contract = contractEnvironment({ jobId: "j", attempt: 2, attemptId: "att_1", folder: "/f" });
    const own = { LANG: "de", JOB_RESULT_FILE: "/etc/passwd", SWITCHYARD_URL: "http://x" };
    expect(environmentOf({ inherited, params: { PARAM_A: "1" }, own, contract })).toEqual({
      PATH: "/bin", LANG: "de", EXTRA: "e", PARAM_A: "1", SWITCHYARD_URL: "http://x", ...contract,
    }); // prettier-ignore
    expect(contract).toMatchObject({ SWITCHYARD_JOB_ID: "j", SWITCHYARD_ATTEMPT: "2", JOB_RESULT_FILE: "/f/result.json" });
  });
});
