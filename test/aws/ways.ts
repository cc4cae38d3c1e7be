// The ways of an attempt through the deployed state machines, each really taken.
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { expect, test } from "vitest";
import type { Shown } from "../support/api.ts";
import type { AwsStage, Execution } from "./stage.ts";

const PLAIN_WAY = ["Claim", "Invoke", "Settle", "After", "Done"];

export function ways(stageOf: () => AwsStage): void {
  const stage = new Proxy({} as AwsStage, { get: (_, name) => Reflect.get(stageOf(), name) as unknown });
  const echo = { function: "echo", timeout: "30s" };
  const attemptsOf = async (id: string) =>
    (await stage.call<{ items: { id: string; state: string }[] }>("GET", `/v1/jobs/${id}/attempts`)).items;
  const firstAttempt = async (id: string): Promise<string> => (await attemptsOf(id))[0]!.id;
  const typesOf = async (id: string) => (await stage.history(id)).map(({ type }) => type);
  const until = async <T>(look: () => Promise<T | undefined | false>): Promise<T> => {
    for (const end = Date.now() + 20_000; ;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error("it never came");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  /** Ends a moment after the job: whoever settled it has to answer first. */
  const waysOf = async (attemptId: string, last: string): Promise<{ way: string[]; machine: Execution["machine"] }[]> =>
    until(async () => {
      const executions = await stage.executions(attemptId);
      const ways = await Promise.all(
        executions.map(async (execution) => ({ machine: execution.machine, way: await stage.wayOf(execution) })),
      );
      return ways.length > 0 && ways.every(({ way }) => way.at(-1) === last || way.at(-1) === "NotOurs") && ways;
    });

  test.concurrent("of up to a minute goes its way on the Express machine", async () => {
    const job = await stage.finish({ ...echo, params: { value: 1 } });
    expect(job).toMatchObject({ state: "completed", attempt: 1, executor: "lambda", result: { value: 1 } });
    expect(await waysOf(await firstAttempt(job.id), "Done")).toEqual([{ machine: "express", way: PLAIN_WAY }]);
    expect(await typesOf(job.id)).toEqual(["job.created", "job.started", "job.completed"]);
  });

  test.concurrent("of more than a minute, or of no time-out, goes the same way on the Standard machine", async () => {
    for (const timeout of ["61s", undefined]) {
      const job = await stage.finish({ function: "echo", ...(timeout && { timeout }) });
      expect(job).toMatchObject({ state: "completed", timeout: timeout ?? "900s" });
      expect(await waysOf(await firstAttempt(job.id), "Done")).toEqual([{ machine: "standard", way: PLAIN_WAY }]);
    }
  });

  test.concurrent("that fails waits for its back-off in the machine, and its job's next attempt is another execution", async () => {
    const job = await stage.finish({
      function: "flaky",
      params: { until: 2 },
      timeout: "30s",
      retry: { maxAttempts: 2, delay: "1s", jitter: "none" },
    });
    expect(job).toMatchObject({ state: "completed", attempt: 2 });
    const [first, second] = await attemptsOf(job.id);
    expect(await waysOf(first!.id, "Requeue")).toMatchObject([{ way: ["Claim", "Invoke", "Settle", "After", "Wait", "Requeue"] }]);
    expect(await waysOf(second!.id, "Done")).toMatchObject([{ way: PLAIN_WAY }]);
  });

  test.concurrent("whose failure is final is not tried again", async () => {
    const job = await stage.finish({
      function: "flaky",
      params: { until: 9, isFinal: true },
      timeout: "30s",
      retry: { maxAttempts: 5, delay: 0 },
    });
    expect(job).toMatchObject({ state: "failed", attempt: 1, error: { code: "user.final" } });
    expect(await waysOf(await firstAttempt(job.id), "Done")).toMatchObject([{ way: PLAIN_WAY }]);
  });

  test.concurrent("that does not end within its time-out is ended by its wrapper, long before Lambda's own", async () => {
    const job = await stage.finish({ function: "patient", timeout: "1s", killGrace: 0 });
    expect(job).toMatchObject({ state: "failed", error: { code: "attempt.timed_out" } });
  });

  test.concurrent("whose job's deadline comes first fails for that, whatever its retries", async () => {
    const job = await stage.finish({ function: "patient", timeout: "50s", deadline: "3s", killGrace: 0, retry: { maxAttempts: 5 } });
    expect(job).toMatchObject({ state: "failed", error: { code: "job.deadline_exceeded" } });
  });

  test.concurrent("that is cancelled while it runs hears of it, and the job is cancelled once it has ended", async () => {
    const { id } = await stage.call<Shown>("POST", "/v1/jobs", { function: "patient", params: { quiet: true }, timeout: "50s" });
    await until(async () => (await stage.call<Shown>("GET", `/v1/jobs/${id}`)).state === "running");
    expect(await stage.call("POST", `/v1/jobs/${id}/cancel`)).toMatchObject({
      state: "running",
      stateReason: { code: "cancel_requested" },
    });
    expect(await stage.ended(id)).toMatchObject({ state: "cancelled", stateReason: { code: "cancelled_by_user" } });
    expect(await typesOf(id)).toEqual(["job.created", "job.started", "job.cancel_requested", "job.cancelled"]);
  });

  test.concurrent("of a job whose message comes twice, and whose execution runs twice, is carried out once", async () => {
    const job = await stage.call<Shown>("POST", "/v1/jobs", { ...echo, params: { say: "once" } });
    const attemptId = await until(() => firstAttempt(job.id));
    const QueueUrl = await stage.queue("MediumTurns");
    await stage.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify({ job: job.id, attemptId }) }));
    const { input } = await until(async () => (await stage.executions(attemptId))[0]);
    await stage.clients.states.send(new StartExecutionCommand({ stateMachineArn: await stage.machine("express"), name: attemptId, input }));
    expect(await stage.ended(job.id)).toMatchObject({ state: "completed", attempt: 1, losses: 0 });
    const ways = await waysOf(attemptId, "Done");
    expect(
      ways
        .map(({ way }) => way)
        .toSorted((a, b) => a.length - b.length)
        .at(-1),
    ).toEqual(PLAIN_WAY);
    expect(ways.filter(({ way }) => way.includes("Invoke"))).toHaveLength(1);
    const logs = await stage.call<{ items: { text: string }[] }>("GET", `/v1/jobs/${job.id}/logs`);
    expect(logs.items.map(({ text }) => text)).toEqual(["once"]);
    expect(await typesOf(job.id)).toEqual(["job.created", "job.started", "job.completed"]);
  });

  test.concurrent("that ends well lets its dependants go, and one that fails takes them with it", async () => {
    const batch = await stage.call<Shown & { jobs: Shown[] }>("POST", "/v1/batches", {
      tolerate: 3,
      jobs: [
        { ...echo, params: { value: 7 } },
        { ...echo, dependencies: [0] },
        { function: "flaky", params: { until: 9, isFinal: true }, timeout: "30s" },
        { ...echo, dependencies: [2] },
        { ...echo, dependencies: [{ job: 2, on: "failure" }] },
      ],
    });
    const ends = await Promise.all(batch.jobs.map(({ id }) => stage.ended(id)));
    expect(ends.map(({ state }) => state)).toEqual(["completed", "completed", "failed", "cancelled", "completed"]);
    expect(ends[3]).toMatchObject({ stateReason: { code: "dependency_failed" } });
    expect(await until(async () => (await stage.call<Shown>("GET", `/v1/batches/${batch.id}`)).state === "partial")).toBe(true);
  });

  test.concurrent("waits for a slot in a full pool, and the next gets it when one is free", async () => {
    const concurrency = { key: `pool-${Date.now()}`, limit: 1 };
    const jobs = await Promise.all(
      [1, 2, 3].map(() => stage.call<Shown>("POST", "/v1/jobs", { function: "patient", params: { ms: 300 }, timeout: "30s", concurrency })),
    );
    const ends = await Promise.all(jobs.map(({ id }) => stage.ended(id)));
    const spans = ends.map(({ startedAt, finishedAt }) => [startedAt as string, finishedAt as string] as const).toSorted();
    expect(ends.map(({ state }) => state)).toEqual(["completed", "completed", "completed"]);
    for (const [index, [startedAt]] of spans.slice(1).entries()) expect(startedAt >= spans[index]![1]).toBe(true);
  });

  test.concurrent("that takes its Lambda down with it is lost, and goes again at its losses' cost, not its attempts'", async () => {
    const job = await stage.finish({ function: "killer", params: { until: 2 }, timeout: "20s" });
    expect(job).toMatchObject({ state: "completed", attempt: 2, losses: 1, maxAttempts: 1 });
    expect(await typesOf(job.id)).toContain("attempt.lost");
  });

  test.concurrent("before its job's time waits in a queue that delays, and is then on time", async () => {
    const job = await stage.finish({ ...echo, delay: "2s" });
    const waited = Date.parse(job.startedAt as string) - Date.parse(job.createdAt as string);
    expect(waited).toBeGreaterThanOrEqual(2000);
    expect(waited).toBeLessThan(10_000);
  });
}
