import { describe, expect, test } from "vitest";
import { catalogue } from "../../events/catalogue.ts";
import { Envelope } from "../../events/envelope.ts";
import { isWanted } from "../../shared/adapters/aws/events/bus.ts";
import { detailOf } from "../../shared/adapters/aws/events/detail.ts";
import { encodedPath } from "../../shared/adapters/aws/http-path.ts";
import { queueOf } from "../../shared/adapters/aws/sqs/handover.ts";
import { executionOutcome } from "../../shared/adapters/aws/states/status-change.ts";
import { attemptToken, readAttemptToken } from "../../shared/attempt/token.ts";
import type { StoredEvent } from "../../shared/domain/history.ts";
import { jobLambdaName } from "../../shared/names.ts";

describe("an attempt's token", () => {
  const grant = { job: "my.job-1", attemptId: "att_1", until: 1000 };

  test("is read back by the key that signed it, until its time is over", () => {
    const token = attemptToken("key", grant);
    expect(readAttemptToken("key", token, 1000)).toEqual(grant);
    expect(readAttemptToken("key", token, 1001)).toBeNull();
  });

  test("is refused when it was signed by another key, changed, cut or made up", () => {
    const token = attemptToken("key", grant);
    const [payload, signature] = token.split(".");
    const other = attemptToken("key", { ...grant, attemptId: "att_2" }).split(".")[0];
    for (const wrong of [`${other}.${signature}`, payload!, `${payload}.`, `${token}.x`, token.slice(4), "", "swa_.", "swa_e30.e30"])
      expect(readAttemptToken("key", wrong, 0)).toBeNull();
    expect(readAttemptToken("other", token, 0)).toBeNull();
  });
});

test("a turn goes to the queue of the named priority that is not above its own", () => {
  const queues = [-1000, -100, -1, 0, 99, 100, 999, 1000].map((priority) => queueOf({ priority }));
  expect(queues).toEqual(["low", "low", "low", "medium", "medium", "high", "high", "critical"]);
});

test("a function's Lambda has a name that Lambda takes, and two functions never the same", () => {
  const long = "f".repeat(64);
  const names = ["hello", "a.b", "a-b", "a_b", long, `${long.slice(1)}g`].map((name) => jobLambdaName("production", name));
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  expect(new Set(names).size).toBe(names.length);
});

test("a path that API Gateway has decoded leads where it was meant to", () => {
  const name = "größe/数据 #1 100%.csv";
  const decoded = `/v1/jobs/a/artifacts/${name}`;
  const encoded = encodedPath(decoded);
  expect(new URL(`https://x${encoded}`).pathname).toBe(encoded);
  expect(decodeURIComponent(encoded)).toBe(decoded);
  expect(encodedPath(encoded)).toBe(encoded);
});

describe("the bus", () => {
  const event = (data: object): StoredEvent =>
    ({ id: "evt_1", seq: 3, type: "job.failed", at: 0, jobId: "a", batchId: null, runId: null, data }) as StoredEvent;

  test("gets the types that somebody wants", () => {
    expect(["job.failed", "job.started", "run.failed"].map((type) => isWanted(["job.failed", "run.*"], type))).toEqual([true, false, true]);
    expect(isWanted(["*"], "job.created")).toBe(true);
  });

  test("carries events in the documented envelope, however large an error's details are", () => {
    const error = { code: "user.x", message: "m", retryable: false, details: "x".repeat(300_000) };
    const detail = detailOf(event({ attempt: 1, error }));
    expect(Envelope.parse(detail)).toEqual(detail);
    expect(detail).toMatchObject({ type: "job.failed", version: 1, jobId: "a", at: "1970-01-01T00:00:00.000Z", data: { attempt: 1 } });
    expect(JSON.stringify(detail).length).toBeLessThan(1000);
  });

  test("every type's example has the shape that is promised for it", () => {
    for (const { data, example } of catalogue) expect(data.parse(example)).toEqual(example);
  });
});

test("only an execution that left nothing running is taken for the end of its attempt", () => {
  const input = JSON.stringify({ job: "a", attemptId: "att_1" });
  expect(executionOutcome({ status: "TIMED_OUT", input })).toMatchObject({
    job: "a",
    attemptId: "att_1",
    outcome: { lost: "Its execution timed out" },
  });
  expect(executionOutcome({ status: "FAILED", input, error: "States.Runtime", cause: "x" })?.outcome).toEqual({
    lost: "Its execution failed: States.Runtime: x",
  });
  for (const status of ["RUNNING", "SUCCEEDED", "ABORTED"]) expect(executionOutcome({ status, input })).toBeNull();
  expect(executionOutcome({ status: "FAILED", input: null })).toBeNull();
});
