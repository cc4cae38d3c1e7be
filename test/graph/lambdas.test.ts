import { describe, expect, test } from "vitest";
import { textOf } from "../graph-harness/graph.ts";
import { listOf, rightsOf } from "../graph-harness/view.ts";
import { graphOf, stages } from "./graph.given.ts";

const LAMBDA = "aws:lambda/function:Function";
type Logging = { logFormat: string; logGroup: string; systemLogLevel: string };

describe.each(stages)("stage %s", (stage) => {
  const graph = graphOf(stage);
  const lambdas = graph.ofType(LAMBDA);
  const groups = graph.ofType("aws:cloudwatch/logGroup:LogGroup");

  test("every Lambda runs Node 24 on arm64", () => {
    for (const { inputs } of lambdas) expect(inputs).toMatchObject({ runtime: "nodejs24.x", architectures: ["arm64"] });
  });

  test("every Lambda writes JSON to a log group of its own that forgets, and pays for no lines about starts and ends", () => {
    const loggings = lambdas.map(({ inputs }) => inputs.loggingConfig as Logging);
    for (const logging of loggings) {
      expect(logging).toMatchObject({ logFormat: "JSON", systemLogLevel: "WARN" });
      expect(groups.find(({ inputs }) => inputs.name === logging.logGroup)?.inputs.retentionInDays).toBe(30);
    }
    expect(new Set(loggings.map(({ logGroup }) => logGroup)).size).toBe(lambdas.length);
  });

  test("machines log their faults, without anybody's params or results", () => {
    for (const { inputs } of graph.ofType("aws:sfn/stateMachine:StateMachine")) {
      const logging = inputs.loggingConfiguration as { level: string; includeExecutionData: boolean; logDestination: string };
      expect(logging).toMatchObject({ level: "ERROR", includeExecutionData: false });
      const group = groups.find(({ outputs }) => `${textOf(outputs.arn)}:*` === logging.logDestination);
      expect(group?.inputs).toMatchObject({ name: expect.stringMatching(/^\/aws\/vendedlogs\/states\//) as string, retentionInDays: 30 });
    }
  });

  test("the API answers before API Gateway gives up", () => {
    expect(graph.one(LAMBDA, "ApiLambdaFunction").inputs.timeout).toBe(29);
  });

  test("a Lambda is told only of what it has rights for", () => {
    const told: Record<string, string> = {
      SWITCHYARD_QUEUES: "sqs:SendMessage",
      SWITCHYARD_DEAD_LETTERS: "sqs:ReceiveMessage",
      SWITCHYARD_BUCKET: "s3:GetObject",
      SWITCHYARD_BUS: "events:PutEvents",
      SWITCHYARD_MACHINES: "states:StartExecution",
      SWITCHYARD_PARAMETERS: "ssm:GetParameter",
    };
    const idle = lambdas.flatMap(({ name, inputs }) => {
      const variables = Object.keys((inputs.environment as { variables: object }).variables);
      const actions = new Set(rightsOf(graph.roleOf(inputs.role)).flatMap(({ Action }) => listOf(Action)));
      return variables.filter((variable) => variable in told && !actions.has(told[variable]!)).map((variable) => `${name} ${variable}`);
    });
    expect(idle).toEqual([]);
  });

  test("the Lambda of a job is told nothing of ours", () => {
    for (const { inputs } of lambdas.filter((one) => textOf(one.inputs.name).includes("-job-"))) {
      const variables = Object.keys((inputs.environment as { variables: object }).variables);
      expect(variables.filter((name) => name.startsWith("SWITCHYARD_"))).toEqual([]);
    }
  });

  test("the clock ticks each minute and recover every five, once", () => {
    const ticks = graph.ofType("aws:scheduler/schedule:Schedule").map(({ inputs }) => ({
      rate: inputs.scheduleExpression,
      tries: (inputs.target as { retryPolicy: { maximumRetryAttempts: number } }).retryPolicy.maximumRetryAttempts,
    })); // prettier-ignore
    expect(ticks).toEqual([{ rate: "rate(1 minute)", tries: 0 }, { rate: "rate(5 minutes)", tries: 0 }]); // prettier-ignore
    for (const { inputs } of graph.ofType("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"))
      expect(inputs.maximumRetryAttempts).toBe(0);
  });

  test("the end of a long execution that failed is heard, tried again, and kept if that does not help", () => {
    const { inputs } = graph.one("aws:cloudwatch/eventRule:EventRule", "ExecutionEndedRule");
    expect(inputs.eventBusName).toBeUndefined();
    expect(JSON.parse(textOf(inputs.eventPattern))).toEqual({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: {
        stateMachineArn: [graph.one("aws:sfn/stateMachine:StateMachine", "StandardMachine").outputs.arn],
        status: ["FAILED", "TIMED_OUT", "ABORTED"],
      },
    });
    expect(graph.one("aws:cloudwatch/eventTarget:EventTarget", "ExecutionEndedTarget").inputs).toMatchObject({
      arn: graph.one(LAMBDA, "ExecutionEndedLambdaFunction").outputs.arn,
      retryPolicy: { maximumRetryAttempts: 8 },
      deadLetterConfig: { arn: graph.one("aws:sqs/queue:Queue", "UndeliveredQueue").outputs.arn },
    });
  });
});
