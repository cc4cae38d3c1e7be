import { describe, expect, test } from "vitest";
import { instantMs, meaningOf, retryPolicy, workFaults } from "../../shared/domain/spec.ts";
import { JobInput, specLimits } from "../../shared/domain/spec-schema.ts";

const meant = (input: object) => meaningOf(JobInput.parse(input));
const faults = (input: object) => workFaults(JobInput.parse(input), specLimits).map(({ path }) => path);

describe("a submitted job", () => {
  test("may leave out its type, and use the older words payload and runner", () => {
    expect(meant({ function: "f", payload: { x: 1 }, runner: "node" })).toMatchObject({
      spec: { type: "function", executor: "node" },
      params: { x: 1 },
    });
  });

  test("has named priorities from -100 to 1000", () => {
    expect(["low", "medium", "high", "critical", 7].map((priority) => meant({ function: "f", priority }).priority)).toEqual([
      -100, 0, 100, 1000, 7,
    ]);
  });

  test("keeps tags of a map as key=value, each once", () => {
    expect(meant({ function: "f", tags: { team: "a", urgent: "" } }).tags).toEqual(["team=a", "urgent"]);
    expect(meant({ function: "f", tags: ["a", "a"] }).tags).toEqual(["a"]);
  });

  test("tries once without a retry block, three times with an empty one, and maxRetries counts beyond the first", () => {
    expect([{}, { retry: {} }, { maxRetries: 4, retryDelay: 9 }].map((more) => retryPolicy(meant({ function: "f", ...more }).spec))).toMatchObject([
      { maxAttempts: 1 }, { maxAttempts: 3, delayMs: 1000 }, { maxAttempts: 5, delayMs: 9000 },
    ]); // prettier-ignore
  });

  test("takes over its function's retry policy unless it has its own", () => {
    expect(retryPolicy({}, { maxAttempts: 7 }).maxAttempts).toBe(7);
    expect(retryPolicy({ retry: { maxAttempts: 2 } }, { maxAttempts: 7 }).maxAttempts).toBe(2);
  });

  test("with blocks that contradict each other is refused at the block", () => {
    expect(faults({})).toEqual(["type"]);
    expect(faults({ function: "f", script: { inline: "x" } })).toEqual(["script"]);
    expect(faults({ type: "script", function: "f" })).toEqual(["type"]);
    expect(faults({ function: "f", params: 1, payload: 2 })).toEqual(["payload"]);
    expect(faults({ function: "f", executor: "a", runner: "b" })).toEqual(["runner"]);
  });

  test("may name a deadline as an instant or as a duration since submit", () => {
    expect(instantMs("90s", 1000)).toBe(91_000);
    expect(instantMs("2026-01-01T00:00:00Z", 1000)).toBe(Date.parse("2026-01-01T00:00:00Z"));
  });
});
