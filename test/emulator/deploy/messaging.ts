// Queues, the bus, rules and schedules.
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  UpdateScheduleCommand,
  type CreateScheduleCommandInput,
} from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, DeleteQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { textOf } from "../../graph-harness/graph.ts";
import { deployer, unless, type Deployers } from "./deployer.ts";

interface QueueInputs {
  readonly name: string;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly messageRetentionSeconds?: number;
  readonly redrivePolicy?: string;
}

const queue = deployer<QueueInputs>({
  async put({ name, visibilityTimeoutSeconds, delaySeconds, messageRetentionSeconds, redrivePolicy }, { sqs, place }) {
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const Attributes = {
      VisibilityTimeout: String(visibilityTimeoutSeconds),
      DelaySeconds: String(delaySeconds),
      ...(messageRetentionSeconds !== undefined && { MessageRetentionPeriod: String(messageRetentionSeconds) }),
      ...(redrivePolicy !== undefined && { RedrivePolicy: redrivePolicy }),
    };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    // Under the address that we know it by: a name such as localhost need not lead there.
    const url = place.endpoint + new URL(QueueUrl).pathname;
    return { id: url, outputs: { url, arn: `arn:aws:sqs:${place.region}:${place.account}:${name}` } };
  },
  remove: ({ id }, { sqs }) => unless("QueueDoesNotExist", sqs.send(new DeleteQueueCommand({ QueueUrl: id }))),
});

const queuePolicy = deployer<{ readonly queueUrl: string; readonly policy: string }>({
  async put({ queueUrl, policy }, { sqs }) {
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { Policy: policy } }));
    return { id: queueUrl };
  },
});

const bus = deployer<{ readonly name: string }>({
  async put({ name }, { events, place }) {
    await unless("ResourceAlreadyExistsException", events.send(new CreateEventBusCommand({ Name: name })));
    return { id: name, outputs: { arn: `arn:aws:events:${place.region}:${place.account}:event-bus/${name}` } };
  },
  remove: ({ id }, { events }) => events.send(new DeleteEventBusCommand({ Name: id })),
});

const rule = deployer<{ readonly name: string; readonly eventPattern: string }>({
  async put({ name, eventPattern }, { events }) {
    const { RuleArn } = await events.send(new PutRuleCommand({ Name: name, EventPattern: eventPattern, State: "ENABLED" }));
    return { id: name, outputs: { arn: RuleArn } };
  },
  remove: ({ id }, { events }) => events.send(new DeleteRuleCommand({ Name: id, Force: true })),
});

interface TargetInputs {
  readonly rule: string;
  readonly targetId: string;
  readonly arn: string;
  readonly retryPolicy: { readonly maximumRetryAttempts: number; readonly maximumEventAgeInSeconds: number };
  readonly deadLetterConfig: { readonly arn: string };
}

const target = deployer<TargetInputs>({
  async put({ rule, targetId, arn, retryPolicy, deadLetterConfig }, { events }) {
    const one = {
      Id: targetId,
      Arn: arn,
      RetryPolicy: {
        MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
        MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
      },
      DeadLetterConfig: { Arn: deadLetterConfig.arn },
    };
    await events.send(new PutTargetsCommand({ Rule: rule, Targets: [one] }));
    return { id: `${rule}/${targetId}` };
  },
  remove: ({ outputs }, { events }) =>
    unless(
      "ResourceNotFoundException",
      events.send(new RemoveTargetsCommand({ Rule: textOf(outputs.rule), Ids: [textOf(outputs.targetId)] })),
    ),
});

const scheduleGroup = deployer<{ readonly name: string }>({
  async put({ name }, { scheduler }) {
    await unless("ConflictException", scheduler.send(new CreateScheduleGroupCommand({ Name: name })));
    return { id: name };
  },
});

interface ScheduleInputs {
  readonly name: string;
  readonly groupName: string;
  readonly scheduleExpression: string;
  readonly flexibleTimeWindow: { readonly mode: "OFF" };
  readonly target: {
    readonly arn: string;
    readonly roleArn: string;
    readonly retryPolicy: { readonly maximumRetryAttempts: number };
    readonly deadLetterConfig: { readonly arn: string };
  };
}

const schedule = deployer<ScheduleInputs>({
  async put({ name, groupName, scheduleExpression, flexibleTimeWindow, target }, { scheduler }) {
    const wanted: CreateScheduleCommandInput = {
      Name: name,
      GroupName: groupName,
      ScheduleExpression: scheduleExpression,
      FlexibleTimeWindow: { Mode: flexibleTimeWindow.mode },
      Target: {
        Arn: target.arn,
        RoleArn: target.roleArn,
        RetryPolicy: { MaximumRetryAttempts: target.retryPolicy.maximumRetryAttempts },
        DeadLetterConfig: { Arn: target.deadLetterConfig.arn },
      },
    };
    const isNew = await unless("ConflictException", scheduler.send(new CreateScheduleCommand(wanted)));
    if (!isNew) await scheduler.send(new UpdateScheduleCommand(wanted));
    return { id: `${groupName}/${name}` };
  },
  remove: ({ outputs }, { scheduler }) =>
    unless(
      "ResourceNotFoundException",
      scheduler.send(new DeleteScheduleCommand({ Name: textOf(outputs.name), GroupName: textOf(outputs.groupName) })),
    ),
});

export const messaging: Deployers = {
  "aws:sqs/queue:Queue": queue,
  "aws:sqs/queuePolicy:QueuePolicy": queuePolicy,
  "aws:cloudwatch/eventBus:EventBus": bus,
  "aws:cloudwatch/eventRule:EventRule": rule,
  "aws:cloudwatch/eventTarget:EventTarget": target,
  "aws:scheduler/scheduleGroup:ScheduleGroup": scheduleGroup,
  "aws:scheduler/schedule:Schedule": schedule,
};
