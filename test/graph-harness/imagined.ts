// What AWS would answer for a resource that nobody makes. Right in whatever stacks and SST's components read of it.
import { textOf, type GraphResource, type Values } from "./graph.ts";
import type { Made, World } from "./monitor.ts";

export const imagine =
  (world: World) =>
  async ({ type, name, inputs }: GraphResource): Promise<Made> => {
    const called = textOf(inputs.name ?? inputs.bucket ?? inputs.alarmName ?? inputs.dashboardName ?? name);
    const arn = (service: string, rest: string) => `arn:aws:${service}:${world.region}:${world.account}:${rest}`;
    const { id = called, ...more } = known[type]?.({ called, name, inputs, arn, world }) ?? { arn: arn(type.split(/[:/]/)[1]!, called) };
    return { id: textOf(id), outputs: { ...inputs, name: called, ...more } };
  };

interface Asked {
  readonly called: string;
  readonly name: string;
  readonly inputs: Values;
  readonly arn: (service: string, rest: string) => string;
  readonly world: World;
}

const known: Record<string, (asked: Asked) => Values> = {
  "aws:dynamodb/table:Table": ({ called, inputs, arn }) => {
    const table = arn("dynamodb", `table/${called}`);
    return { arn: table, ...(inputs.streamEnabled === true && { streamArn: `${table}/stream/2026-01-01T00:00:00.000` }) };
  },
  "aws:s3/bucket:Bucket": ({ called }) => ({ bucket: called, arn: `arn:aws:s3:::${called}` }),
  "aws:sqs/queue:Queue": ({ called, arn, world }) => {
    const url = `https://sqs.${world.region}.amazonaws.com/${world.account}/${called}`;
    return { id: url, url, arn: arn("sqs", called) };
  },
  "aws:sns/topic:Topic": ({ called, arn }) => ({ id: arn("sns", called), arn: arn("sns", called) }),
  "aws:lambda/function:Function": ({ called, arn }) => {
    const lambda = arn("lambda", `function:${called}`);
    return { arn: lambda, version: "$LATEST", qualifiedArn: `${lambda}:$LATEST`, invokeArn: lambda };
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": ({ name }) => ({ id: name, uuid: name }),
  "aws:iam/role:Role": ({ called, world }) => ({ arn: `arn:aws:iam::${world.account}:role/${called}` }),
  "aws:cloudwatch/eventBus:EventBus": ({ called, arn }) => ({ arn: arn("events", `event-bus/${called}`) }),
  "aws:cloudwatch/eventRule:EventRule": ({ called, arn }) => ({ arn: arn("events", `rule/${called}`) }),
  "aws:cloudwatch/logGroup:LogGroup": ({ called, arn }) => ({ arn: arn("logs", `log-group:${called}`) }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": ({ called, arn }) => ({ arn: arn("cloudwatch", `alarm:${called}`) }),
  "aws:ssm/parameter:Parameter": ({ called, arn }) => ({ arn: arn("ssm", `parameter${called}`) }),
  "aws:sfn/stateMachine:StateMachine": ({ called, arn }) => {
    const machine = arn("states", `stateMachine:${called}`);
    return { id: machine, arn: machine };
  },
  "aws:scheduler/scheduleGroup:ScheduleGroup": ({ called, arn }) => ({ arn: arn("scheduler", `schedule-group/${called}`) }),
  "aws:apigatewayv2/api:Api": ({ name, arn, world }) => {
    const id = name.toLowerCase().padEnd(10, "0");
    const apiEndpoint = `https://${id}.execute-api.${world.region}.amazonaws.com`;
    return { id, apiEndpoint, executionArn: arn("execute-api", id), arn: `arn:aws:apigateway:${world.region}::/apis/${id}` };
  },
  "aws:apigatewayv2/domainName:DomainName": ({ inputs }) => ({
    id: inputs.domainName,
    domainNameConfiguration: { targetDomainName: "target.example.com", hostedZoneId: "ZONE" },
  }),
  "random:index/randomBytes:RandomBytes": ({ inputs }) => ({ base64: Buffer.alloc(Number(inputs.length)).toString("base64") }),
  "random:index/randomPassword:RandomPassword": ({ inputs }) => ({ result: "p".repeat(Number(inputs.length)) }),
};
