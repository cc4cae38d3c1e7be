// The emulator, by service.
import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";

export interface Place {
  readonly endpoint: string;
  readonly region: string;
  /** 12 digits: in the emulator that is also the account's access key, and accounts know nothing of each other. */
  readonly account: string;
}

export type Clients = ReturnType<typeof clientsOf>;

export function clientsOf(place: Place) {
  const options = {
    endpoint: place.endpoint,
    region: place.region,
    credentials: { accessKeyId: place.account, secretAccessKey: "test" },
  };
  return {
    place,
    dynamodb: new DynamoDBClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    sqs: new SQSClient(options),
    iam: new IAMClient(options),
    lambda: new LambdaClient(options),
    events: new EventBridgeClient(options),
    scheduler: new SchedulerClient(options),
    states: new SFNClient(options),
    api: new ApiGatewayV2Client(options),
    logs: new CloudWatchLogsClient(options),
    cloudwatch: new CloudWatchClient(options),
    parameters: new SSMClient(options),
  };
}
