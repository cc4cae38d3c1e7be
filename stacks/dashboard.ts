// One page of CloudWatch on which a stage's health is seen. The first three of an account are free, then $3 a month each.
import { machines as machineNames, turnQueues } from "../shared/names.ts";
import type { Watched } from "./alarms.ts";
import { named } from "./named.ts";

type Metric = $util.Input<string>[];

export function dashboard({ api, machines, queues, stream, unthrottled }: Watched, table: sst.aws.Dynamo) {
  const functions = Object.entries(unthrottled);
  const ofFunctions = (metricName: string): Metric[] => functions.map(([, fn]) => ["AWS/Lambda", metricName, "FunctionName", fn.name]);
  const ofQueues = (metricName: string): Metric[] =>
    turnQueues.map((name) => ["AWS/SQS", metricName, "QueueName", queues.turns[name].nodes.queue.name]);
  const ofMachines = (metricName: string): Metric[] =>
    machineNames.map((kind) => ["AWS/States", metricName, "StateMachineArn", machines[kind].arn]);
  const ofApi = (metricName: string): Metric => ["AWS/ApiGateway", metricName, "ApiId", api.nodes.api.id];
  const ofTable = (metricName: string): Metric => ["AWS/DynamoDB", metricName, "TableName", table.name];

  const charts: { title: string; stat: string; metrics: Metric[] }[] = [
    { title: "API: requests, 4xx, 5xx", stat: "Sum", metrics: [ofApi("Count"), ofApi("4xx"), ofApi("5xx")] },
    { title: "API: latency p99 (ms)", stat: "p99", metrics: [ofApi("Latency")] },
    { title: "Turns waiting", stat: "Maximum", metrics: ofQueues("ApproximateNumberOfMessagesVisible") },
    { title: "Oldest turn (s)", stat: "Maximum", metrics: ofQueues("ApproximateAgeOfOldestMessage") },
    { title: "Attempts started", stat: "Sum", metrics: ofMachines("ExecutionsStarted") },
    { title: "Executions failed", stat: "Sum", metrics: ofMachines("ExecutionsFailed") },
    { title: "Errors of our functions", stat: "Sum", metrics: ofFunctions("Errors") },
    { title: "Throttles of our functions", stat: "Sum", metrics: ofFunctions("Throttles") },
    { title: "Stream: age (ms)", stat: "Maximum", metrics: [["AWS/Lambda", "IteratorAge", "FunctionName", stream.name]] },
    {
      title: "Table: capacity",
      stat: "Sum",
      metrics: [ofTable("ConsumedWriteCapacityUnits"), ofTable("ConsumedReadCapacityUnits"), ofTable("ThrottledRequests")],
    },
  ];
  new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: named("overview"),
    dashboardBody: $jsonStringify({ widgets: charts.map(widget(aws.getRegionOutput().region)) }),
  });
}

const WIDTH = 12;
const HEIGHT = 6;

const widget = (region: $util.Input<string>) => (properties: { title: string; stat: string; metrics: Metric[] }, index: number) => ({
  type: "metric",
  x: (index % 2) * WIDTH,
  y: Math.floor(index / 2) * HEIGHT,
  width: WIDTH,
  height: HEIGHT,
  properties: { ...properties, region, period: 300, view: "timeSeries" },
});
