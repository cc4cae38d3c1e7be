import { describe, expect, test } from "vitest";
import { queues } from "../../shared/names.ts";
import { textOf } from "../graph-harness/graph.ts";
import { statementsOf } from "../graph-harness/view.ts";
import { graphOf, stages } from "./graph.given.ts";

const QUEUE = "aws:sqs/queue:Queue";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

describe.each(stages)("stage %s", (stage) => {
  const graph = graphOf(stage);
  const all = graph.ofType(QUEUE);
  const redriveOf = (inputs: (typeof all)[number]["inputs"]) =>
    inputs.redrivePolicy === undefined ? null : (JSON.parse(textOf(inputs.redrivePolicy)) as { deadLetterTargetArn: string; maxReceiveCount: number }); // prettier-ignore
  const working = all.filter(({ inputs }) => redriveOf(inputs));

  test("there is a queue for each priority and one for times", () => {
    expect(working.map(({ name }) => name).toSorted()).toEqual(queues.map((name) => `${name[0]!.toUpperCase()}${name.slice(1)}TurnsQueue`).toSorted()); // prettier-ignore
  });

  test("every queue has dead letters of its own after five tries", () => {
    const targets = working.map(({ inputs }) => redriveOf(inputs)!);
    expect(targets.map(({ maxReceiveCount }) => maxReceiveCount)).toEqual(working.map(() => 5));
    expect(new Set(targets.map(({ deadLetterTargetArn }) => deadLetterTargetArn)).size).toBe(working.length);
    for (const { deadLetterTargetArn } of targets) expect(all.map(({ outputs }) => outputs.arn)).toContain(deadLetterTargetArn);
  });

  test("dead letters are kept for fourteen days", () => {
    const dead = all.filter((queue) => !working.includes(queue));
    expect(dead).toHaveLength(queues.length + 1);
    for (const { inputs } of dead) expect(inputs.messageRetentionSeconds).toBe(14 * 24 * 3600);
  });

  test("a message stays hidden six times as long as its consumer may take, and failures are told one by one", () => {
    const lambdas = graph.ofType("aws:lambda/function:Function");
    for (const { inputs, outputs } of working) {
      const mapping = graph.ofType(MAPPING).find((one) => one.inputs.eventSourceArn === outputs.arn);
      const consumer = lambdas.find((one) => one.inputs.name === mapping?.inputs.functionName);
      expect(Number(inputs.visibilityTimeoutSeconds)).toBeGreaterThanOrEqual(6 * Number(consumer?.inputs.timeout));
      expect(mapping?.inputs.functionResponseTypes).toEqual(["ReportBatchItemFailures"]);
    }
  });

  test("every queue is encrypted and refuses what does not come over TLS", () => {
    const policies = graph.ofType("aws:sqs/queuePolicy:QueuePolicy");
    for (const { inputs, outputs } of all) {
      expect(inputs.sqsManagedSseEnabled).toBe(true);
      const policy = policies.find((one) => one.inputs.queueUrl === outputs.url);
      expect(statementsOf(policy?.inputs.policy)[0]).toMatchObject({
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: outputs.arn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
    }
  });

  test("nobody may send to a queue by its policy but our one rule, and that only what it could not deliver", () => {
    const allowing = graph.ofType("aws:sqs/queuePolicy:QueuePolicy").flatMap(({ name, inputs }) =>
      statementsOf(inputs.policy).filter(({ Effect }) => Effect === "Allow").map((statement) => ({ name, statement })),
    ); // prettier-ignore
    expect(allowing).toEqual([
      {
        name: "UndeliveredPolicy",
        statement: expect.objectContaining({
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Condition: { ArnEquals: { "aws:SourceArn": graph.one("aws:cloudwatch/eventRule:EventRule", "ExecutionEndedRule").outputs.arn } },
        }) as object,
      },
    ]);
  });

  test("the stream is retried record by record, and what still fails is kept", () => {
    const { inputs } = graph.one(MAPPING, "StreamSource");
    const undelivered = graph.one(QUEUE, "UndeliveredQueue").outputs.arn;
    expect(inputs).toMatchObject({
      startingPosition: "TRIM_HORIZON",
      bisectBatchOnFunctionError: true,
      functionResponseTypes: ["ReportBatchItemFailures"],
      maximumRetryAttempts: 50,
      maximumBatchingWindowInSeconds: 1,
      parallelizationFactor: 1,
      destinationConfig: { onFailure: { destinationArn: undelivered } },
    });
  });
});

test("each priority has a concurrency of its own, and operators choose it", () => {
  const concurrency = (name: "dev" | "chosen") =>
    Object.fromEntries(graphOf(name).ofType(MAPPING).flatMap(({ name: source, inputs }) =>
      inputs.scalingConfig === undefined ? [] : [[source, (inputs.scalingConfig as { maximumConcurrency: number }).maximumConcurrency]],
    )); // prettier-ignore
  expect(concurrency("dev")).toEqual({ LowSource: 5, MediumSource: 20, HighSource: 20, CriticalSource: 20, WakeSource: 20 });
  expect(concurrency("chosen")).toMatchObject({ LowSource: 2, MediumSource: 20, CriticalSource: 300 });
});
