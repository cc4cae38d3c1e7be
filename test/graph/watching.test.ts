import { describe, expect, test } from "vitest";
import { textOf } from "../graph-harness/graph.ts";
import { graphOf, stages } from "./graph.given.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

describe.each(stages)("stage %s", (stage) => {
  const graph = graphOf(stage);
  const alarms = graph.ofType(ALARM);
  const watches = (metricName: string, dimensions: object) =>
    alarms.some(({ inputs }) => inputs.metricName === metricName && JSON.stringify(inputs.dimensions) === JSON.stringify(dimensions));

  test("somebody is told of dead letters of every queue, and of what could not be delivered", () => {
    const dead = graph.ofType("aws:sqs/queue:Queue").filter(({ inputs }) => inputs.redrivePolicy === undefined);
    for (const { inputs } of dead)
      expect(watches("ApproximateNumberOfMessagesVisible", { QueueName: inputs.name }), textOf(inputs.name)).toBe(true);
  });

  test("somebody is told of a stream that is late, of an API that fails and of machines that fail", () => {
    const stream = graph.one("aws:lambda/function:Function", "StreamLambdaFunction").inputs.name;
    expect(watches("IteratorAge", { FunctionName: stream })).toBe(true);
    expect(watches("5xx", { ApiId: graph.one("aws:apigatewayv2/api:Api", "ApiApi").outputs.id })).toBe(true);
    for (const { outputs } of graph.ofType("aws:sfn/stateMachine:StateMachine"))
      expect(watches("ExecutionsFailed", { StateMachineArn: outputs.arn })).toBe(true);
  });

  test("somebody is told of throttles of our functions, and of a clock that fails again and again", () => {
    const watched = (name: string) =>
      (graph.one(ALARM, name).inputs.metricQueries as { metric?: { dimensions: { FunctionName: string } } }[]).flatMap(({ metric }) =>
        metric ? [/-(\w+)LambdaFunction/.exec(metric.dimensions.FunctionName)?.[1]] : [],
      );
    expect(watched("ThrottledAlarm")).toEqual([
      "Api",
      "Settle",
      "Release",
      "Requeue",
      "Stream",
      "Clock",
      "Recover",
      "Wake",
      "ExecutionEnded",
    ]);
    expect(watched("TicksFailedAlarm")).toEqual(["Clock", "Recover"]);
  });

  test("every alarm tells when it begins and when it is over", () => {
    const { arn } = graph.one("aws:sns/topic:Topic", "Alarms").outputs;
    for (const { inputs } of alarms)
      expect(inputs).toMatchObject({ alarmActions: [arn], okActions: [arn], treatMissingData: "notBreaching" });
  });

  test("no sum is over more metrics than an alarm may have", () => {
    for (const { inputs } of alarms) expect(((inputs.metricQueries ?? []) as unknown[]).length).toBeLessThanOrEqual(10);
  });
});

test("production has a dashboard, other stages have one if it was asked for", () => {
  const dashboards = (name: "dev" | "production" | "chosen") => graphOf(name).ofType("aws:cloudwatch/dashboard:Dashboard").length;
  expect([dashboards("dev"), dashboards("production"), dashboards("chosen")]).toEqual([0, 1, 1]);
});

test("an address that was given is subscribed to the alarms", () => {
  expect(graphOf("dev").ofType("aws:sns/topicSubscription:TopicSubscription")).toEqual([]);
  expect(graphOf("chosen").ofType("aws:sns/topicSubscription:TopicSubscription")[0]!.inputs).toMatchObject({
    protocol: "email",
    endpoint: "ops@example.com",
  });
});
