// Rights as our functions have them: each names its actions and what they may be done to.
import { fileFolders } from "../shared/names.ts";
import type { Queues } from "./queues.ts";

export type Grant = { actions: string[]; resources: $util.Input<string>[] };

/** All that the store does. Never a scan. */
export const useTable = (table: sst.aws.Dynamo): Grant => ({
  actions: [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
  ],
  resources: [table.arn, $interpolate`${table.arn}/index/*`],
});

export const readStream = (streamArn: $util.Input<string>): Grant => ({
  actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
  resources: [streamArn],
});

const files = (bucket: sst.aws.Bucket) => fileFolders.map((folder) => $interpolate`${bucket.arn}/${folder}/*`);

export const getFiles = (bucket: sst.aws.Bucket): Grant => ({ actions: ["s3:GetObject"], resources: files(bucket) });
export const putFiles = (bucket: sst.aws.Bucket): Grant => ({ actions: ["s3:PutObject"], resources: files(bucket) });
export const deleteFiles = (bucket: sst.aws.Bucket): Grant => ({ actions: ["s3:DeleteObject"], resources: files(bucket) });
/** Without it a file that is not there is answered as a forbidden one. S3 asks for it without a prefix then, so it has no condition. */
export const listFiles = (bucket: sst.aws.Bucket): Grant => ({ actions: ["s3:ListBucket"], resources: [bucket.arn] });

export const sendTo = (queues: readonly sst.aws.Queue[]): Grant => ({
  actions: ["sqs:SendMessage"],
  resources: queues.map((queue) => queue.arn),
});
export const sendToAll = ({ turns }: Queues): Grant => sendTo(Object.values(turns));

export const consume = (queue: sst.aws.Queue): Grant => ({
  actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
  resources: [queue.arn],
});
export const takeDeadLetters = ({ deadLetters }: Queues): Grant => ({
  actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
  resources: Object.values(deadLetters).map((queue) => queue.arn),
});

/** AWS's own key decrypts them for whoever may read them. */
export const readParameters = (arns: $util.Input<string>[]): Grant => ({ actions: ["ssm:GetParameter"], resources: arns });

export const publishTo = (bus: sst.aws.Bus): Grant => ({ actions: ["events:PutEvents"], resources: [bus.arn] });

export const startExecutions = (machines: readonly aws.sfn.StateMachine[]): Grant => ({
  actions: ["states:StartExecution"],
  resources: machines.map((machine) => machine.arn),
});

export const writeLogs = (group: aws.cloudwatch.LogGroup): Grant => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [$interpolate`${group.arn}:*`],
});
