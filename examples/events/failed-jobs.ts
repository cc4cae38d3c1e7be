// A rule of your own on a stage's bus: every job that fails puts a message into an SQS queue.
//   node examples/events/failed-jobs.ts BUS [QUEUE]      BUS is the `bus` that `sst deploy` prints
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";

const [bus, queue = "failed-jobs"] = process.argv.slice(2);
if (!bus) throw new Error("usage: node examples/events/failed-jobs.ts BUS [QUEUE]");
const [sqs, events] = [new SQSClient({}), new EventBridgeClient({})];

const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes: { SqsManagedSseEnabled: "true" } }));
const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
const QueueArn = Attributes?.QueueArn ?? "";

const { RuleArn } = await events.send(
  new PutRuleCommand({
    Name: queue,
    EventBusName: bus,
    EventPattern: JSON.stringify({ source: ["switchyard"], "detail-type": ["job.failed"] }),
  }),
);
await events.send(new PutTargetsCommand({ Rule: queue, EventBusName: bus, Targets: [{ Id: "queue", Arn: QueueArn }] }));

// The rule, and nobody else, may put messages there.
const Policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: QueueArn,
      Condition: { ArnEquals: { "aws:SourceArn": RuleArn } },
    },
  ],
});
await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
console.log(QueueUrl);
