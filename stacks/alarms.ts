// What somebody should be told of. An alarm costs about $0.10 a month for each metric; the first ten of an account are free.
import { machines as machineNames } from "../shared/names.ts";
import type { Inputs } from "./inputs.ts";
import type { Machines } from "./machines.ts";
import { capital, named } from "./named.ts";
import type { Queues } from "./queues.ts";

export interface Watched {
  readonly api: sst.aws.ApiGatewayV2;
  readonly machines: Machines;
  readonly queues: Queues;
  readonly stream: sst.aws.Function;
  /** Those that a throttle holds up. The dispatchers are not among them: their queues hold back and try again. */
  readonly unthrottled: Readonly<Record<string, sst.aws.Function>>;
  readonly ticking: Readonly<Record<string, sst.aws.Function>>;
}

const STREAM_LATE_MS = 60_000;
const TICKS_FAILED = 3;
const FAULTS_IN_FIVE_MINUTES = 5;

type Alarm = Omit<aws.cloudwatch.MetricAlarmArgs, "alarmActions" | "okActions">;

export function alarms({ api, machines, queues, stream, unthrottled, ticking }: Watched, { alarms: { email } }: Inputs) {
  const topic = alarmTopic(email);
  const alarm = (logical: string, name: string, args: Omit<Alarm, "comparisonOperator" | "evaluationPeriods">) =>
    new aws.cloudwatch.MetricAlarm(`${logical}Alarm`, {
      name: named(name),
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
      // Nothing of a metric is what nothing wrong looks like.
      treatMissingData: "notBreaching",
      ...args,
      alarmActions: [topic.arn],
      okActions: [topic.arn],
    });

  const waiting = (name: string, queue: sst.aws.Queue) =>
    alarm(`${capital(name)}DeadLetters`, `${name}-dead-letters`, {
      alarmDescription: `Messages of ${name} failed five times, or could not be delivered`,
      ...metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", { QueueName: queue.nodes.queue.name }),
      threshold: 0,
    });
  for (const [name, queue] of Object.entries(queues.deadLetters)) waiting(name, queue);
  waiting("undelivered", queues.undelivered);

  alarm("StreamLate", "stream-late", {
    alarmDescription: "Events, counters and clean-up are behind by more than a minute",
    ...metric("AWS/Lambda", "IteratorAge", "Maximum", { FunctionName: stream.name }),
    threshold: STREAM_LATE_MS,
  });
  alarm("Throttled", "throttled", {
    alarmDescription: "The account's or a function's concurrency is used up",
    ...sumOf("AWS/Lambda", "Throttles", unthrottled),
    threshold: 0,
  });
  alarm("TicksFailed", "ticks-failed", {
    alarmDescription: "The clock or recover failed several times within five minutes",
    ...sumOf("AWS/Lambda", "Errors", ticking),
    threshold: TICKS_FAILED - 1,
  });
  alarm("ApiFaults", "api-faults", {
    alarmDescription: "The API answered with 5xx",
    ...metric("AWS/ApiGateway", "5xx", "Sum", { ApiId: api.nodes.api.id }),
    threshold: FAULTS_IN_FIVE_MINUTES,
  });
  for (const kind of machineNames)
    alarm(`${capital(kind)}MachineFailed`, `${kind}-machine-failed`, {
      alarmDescription: `Executions of the ${kind} machine failed: a step of ours, not a job`,
      ...metric("AWS/States", "ExecutionsFailed", "Sum", { StateMachineArn: machines[kind].arn }),
      threshold: 0,
    });
}

const PERIOD_SECONDS = 300;

const metric = (namespace: string, metricName: string, statistic: string, dimensions: Record<string, $util.Input<string>>) => ({
  namespace,
  metricName,
  statistic,
  dimensions,
  period: PERIOD_SECONDS,
});

const sumOf = (namespace: string, metricName: string, functions: Readonly<Record<string, sst.aws.Function>>) => ({
  metricQueries: [
    { id: "total", expression: "SUM(METRICS())", label: metricName, returnData: true },
    ...Object.entries(functions).map(([name, fn]) => ({
      id: name.toLowerCase(),
      metric: { namespace, metricName, stat: "Sum", period: PERIOD_SECONDS, dimensions: { FunctionName: fn.name } },
    })),
  ],
});

function alarmTopic(email: string | null) {
  const topic = new aws.sns.Topic("Alarms", { name: named("alarms") });
  new aws.sns.TopicPolicy("AlarmsPolicy", {
    arn: topic.arn,
    policy: $jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: topic.arn,
          Condition: { StringEquals: { "aws:SourceAccount": aws.getCallerIdentityOutput().accountId } },
        },
        {
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: topic.arn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    }),
  });
  if (email !== null) new aws.sns.TopicSubscription("AlarmsEmail", { topic: topic.arn, protocol: "email", endpoint: email });
  return topic;
}
