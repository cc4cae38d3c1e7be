// What AWS may answer that no emulator does: throttling, requests that are taken in part, answers that come twice.
import { describe, expect, test } from "vitest";
import { ExecutionAlreadyExists, type SFNClient } from "@aws-sdk/client-sfn";
import type { SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import type { EventBridgeClient, PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { EventBus } from "../../shared/adapters/aws/events/bus.ts";
import { SqsHandover } from "../../shared/adapters/aws/sqs/handover.ts";
import { Launcher, type FunctionLaunch } from "../../shared/adapters/aws/states/launcher.ts";
import { submitted } from "../../shared/domain/begin.ts";
import type { StoredEvent } from "../../shared/domain/history.ts";
import type { Job } from "../../shared/domain/job.ts";
import { noRetry } from "../../shared/domain/retry.ts";

type Send = (command: { readonly input: never }) => Promise<unknown>;
const clientOf = <C>(send: Send): C => ({ send }) as unknown as C;

const job = (id: string, more: Partial<Job> = {}): Job => ({
  ...submitted({ id, type: "function", executor: "lambda", createdAt: 0, retry: noRetry }).job, attemptId: `att_${id}`, attempt: 1, ...more,
}); // prettier-ignore

describe("turns that are handed over", () => {
  const urls = { low: "low", medium: "medium", high: "high", critical: "critical", wake: "wake" };

  test("all reach the queue of their priority, ten a request, also when SQS takes a request only in part", async () => {
    const taken = new Map<string, string[]>();
    let isFirst = true;
    const handover = new SqsHandover(
      clientOf<SQSClient>(async ({ input }) => {
        const { QueueUrl, Entries } = input as { QueueUrl: string; Entries: SendMessageBatchRequestEntry[] };
        expect(Entries.length).toBeLessThanOrEqual(10);
        const failed = isFirst ? Entries.slice(3) : [];
        isFirst = false;
        const good = Entries.filter((entry) => !failed.includes(entry));
        taken.set(QueueUrl, [
          ...(taken.get(QueueUrl) ?? []),
          ...good.map(({ MessageBody }) => (JSON.parse(MessageBody!) as { job: string }).job),
        ]);
        return { Failed: failed.map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false })) };
      }),
      urls,
    );
    const jobs = Array.from({ length: 25 }, (_, n) => job(`j${n}`, { priority: n === 7 ? 1000 : 0 }));
    await handover.turns(jobs);
    expect(taken.get("critical")).toEqual(["j7"]);
    expect(taken.get("medium")?.toSorted()).toEqual(jobs.filter(({ priority }) => priority === 0).map(({ id }) => id).toSorted()); // prettier-ignore
  });

  test("are given up with an error after a few tries, so that somebody hears of it", async () => {
    let requests = 0;
    const handover = new SqsHandover(
      clientOf<SQSClient>(async ({ input }) => {
        requests++;
        return { Failed: (input as { Entries: SendMessageBatchRequestEntry[] }).Entries.map(({ Id }) => ({ Id, Code: "Throttled" })) };
      }),
      urls,
    );
    await expect(handover.turns([job("a")])).rejects.toThrow("SQS refused 1 messages: Throttled");
    expect(requests).toBeLessThan(10);
  });
});

describe("an execution", () => {
  const launchOf = (more: Partial<FunctionLaunch> = {}): FunctionLaunch => ({
    task: { attemptId: "att_1", job: job("a"), spec: { type: "function", function: "f", executor: "lambda" }, params: "{}", inputs: "{}", env: {}, secrets: [] },
    pk: "J#1", hasSecrets: false, limitMs: 30_000, isDeadline: false, isRepeated: false, ...more,
  }); // prettier-ignore
  const open = (send: Send) =>
    new Launcher({
      client: clientOf<SFNClient>(send),
      machines: { express: "x", standard: "s" },
      lambdaOf: (name) => (name === "f" ? "lambda-f" : null),
      apiUrl: "http://api",
      attemptKey: async () => "key",
    });
  const started: { stateMachineArn: string; name: string; input: string }[] = [];
  const remember: Send = async ({ input }) => void started.push(input);

  test("that is there already is as good as started: the answer to the first start was lost", async () => {
    const launcher = open(async () => {
      throw new ExecutionAlreadyExists({ message: "it is", $metadata: {} });
    });
    expect(await launcher.start(launchOf())).toBe(true);
  });

  test("that could not be started is an error, so that its message comes again", async () => {
    const launcher = open(async () => {
      throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    });
    await expect(launcher.start(launchOf())).rejects.toThrow("Rate exceeded");
  });

  test("of a turn that is handed over again has another name: that of a closed one is taken for 90 days", async () => {
    const launcher = open(remember);
    await launcher.start(launchOf());
    await launcher.start(launchOf({ isRepeated: true }));
    expect(started[0]!.name).toBe("att_1");
    expect(started[1]!.name).toMatch(/^att_1-[0-9a-z]+$/);
  });

  test("is a small one for up to a minute and a long one for more, and knows no secret and no large text", async () => {
    started.length = 0;
    const launcher = open(remember);
    const task = { ...launchOf().task, params: JSON.stringify("x".repeat(70_000)) };
    for (const launch of [launchOf({ limitMs: 60_000 }), launchOf({ limitMs: 60_001 }), launchOf({ hasSecrets: true }), launchOf({ task })])
      await launcher.start(launch);
    expect(started.map(({ stateMachineArn }) => stateMachineArn)).toEqual(["x", "s", "x", "x"]);
    const given = started.map(({ input }) => (JSON.parse(input) as { call: { given: unknown } }).call.given);
    expect(given.map((value) => value !== null)).toEqual([true, true, false, false]);
    for (const { input } of started) expect(input.length).toBeLessThan(256 * 1024);
  });

  test("is not started for a function that is no longer deployed", async () => {
    const { task } = launchOf();
    expect(await open(remember).start(launchOf({ task: { ...task, spec: { ...task.spec, function: "gone" } } }))).toBe(false);
  });
});

describe("the bus", () => {
  const event = (id: string, data: object = {}): StoredEvent =>
    ({ id, seq: 1, type: "job.queued", at: 0, jobId: "a", batchId: null, runId: null, data }) as StoredEvent;

  test("gets what it refused again, and tells what it never took", async () => {
    const taken: string[] = [];
    let requests = 0;
    const bus = new EventBus({
      busName: "b",
      publish: ["*"],
      client: clientOf<EventBridgeClient>(async ({ input }) => {
        requests++;
        const Entries = (input as { Entries: PutEventsRequestEntry[] }).Entries.map(({ Detail }) => {
          const { id } = JSON.parse(Detail!) as { id: string };
          if (id === "never" || (requests === 1 && id === "later")) return { ErrorCode: "ThrottlingException" };
          taken.push(id);
          return { EventId: "1" };
        });
        return { Entries };
      }),
    });
    expect(await bus.publish(["first", "later", "never"].map((id) => event(id)))).toEqual(["never"]);
    expect(taken).toEqual(["first", "later"]);
  });

  test("gets ten entries and 256 KB a request at most", async () => {
    const sizes: [number, number][] = [];
    const bus = new EventBus({
      busName: "b",
      publish: ["*"],
      client: clientOf<EventBridgeClient>(async ({ input }) => {
        const { Entries } = input as { Entries: PutEventsRequestEntry[] };
        sizes.push([Entries.length, Entries.reduce((sum, { Detail }) => sum + Buffer.byteLength(Detail!), 0)]);
        return { Entries: Entries.map(() => ({ EventId: "1" })) };
      }),
    });
    await bus.publish(Array.from({ length: 23 }, (_, n) => event(`e${n}`, n % 5 === 0 ? { text: "x".repeat(100_000) } : {})));
    expect(sizes.reduce((sum, [count]) => sum + count, 0)).toBe(23);
    for (const [count, bytes] of sizes) expect(count <= 10 && bytes < 256_000).toBe(true);
  });
});
