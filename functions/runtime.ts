// What most of our functions are made of, built once a process and when it is first asked for. Clients that only one of them needs are
// in its own file: what is not imported is not loaded at a cold start.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoStore, Table } from "../shared/adapters/aws/dynamodb/index.ts";
import { catalogueOf, LambdaExecutor } from "../shared/adapters/aws/lambda-executor.ts";
import { AttemptLogs } from "../shared/adapters/aws/logs/attempt-logs.ts";
import { S3Artifacts } from "../shared/adapters/aws/s3/artifacts.ts";
import { S3AttemptStorage } from "../shared/adapters/aws/s3/attempt-storage.ts";
import { Objects } from "../shared/adapters/aws/s3/objects.ts";
import { S3Payloads } from "../shared/adapters/aws/s3/payloads.ts";
import { SqsHandover } from "../shared/adapters/aws/sqs/handover.ts";
import { remoteContext, type RemoteContext, type RemoteOptions } from "../shared/engine/remote/context.ts";
import type { FunctionInfo } from "../shared/ports/functions.ts";
import type { RemotePlatform, Secrets } from "../shared/ports/platform.ts";
import { configurationFrom, type Configuration } from "./configuration.ts";

export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

/** Connections are kept between invocations; a request that hangs is given up long before the function's own end. */
export const patience = { maxAttempts: 4, requestHandler: { connectionTimeout: 2000, requestTimeout: 8000 } };

export const configuration = once((): Configuration => configurationFrom(process.env));

/** What this function was not given it does not use: asking for it is a mistake in the stacks. */
export function needed<K extends keyof Configuration>(field: K): NonNullable<Configuration[K]> {
  const value = configuration()[field];
  if (value === undefined) throw new Error(`the function is deployed without ${field}`);
  return value as NonNullable<Configuration[K]>;
}

export const dynamo = once(() => new DynamoDBClient(patience));
export const sqs = once(() => new SQSClient(patience));
const s3 = once(() => new S3Client(patience));
const objects = once(() => new Objects(s3(), needed("bucket")));
export const payloads = once(() => new S3Payloads(s3(), needed("bucket")));
export const store = once(() => DynamoStore.open({ client: dynamo(), tableName: needed("table"), payloads: payloads() }));
const uidOf = (job: string): Promise<string | null> => store().uidOf(job);
const logs = once(() => new AttemptLogs(new Table(dynamo(), needed("table")), objects(), uidOf));

/** Whoever submits knows the functions and the secrets; others have nothing to do with them. */
export interface Submitting extends RemoteOptions {
  readonly catalogue: readonly FunctionInfo[];
  readonly secrets: Secrets;
}

const noSecrets: Secrets = { refusal: () => "is read by the API only", read: () => null };

export function engine({ catalogue = [], secrets = noSecrets, ...options }: Partial<Submitting> = {}): RemoteContext {
  const functions = catalogueOf(catalogue);
  const platform: RemotePlatform = {
    store: store(),
    executors: [new LambdaExecutor(functions)],
    functions,
    logs: logs(),
    artifacts: new S3Artifacts(objects(), uidOf),
    clock: { now: () => Date.now(), at: () => () => undefined },
    random: Math.random,
    secrets,
    largeResultLink: async (job) => {
      const key = await store().farResultOf(job);
      return key === null ? null : objects().linkToGet(key, "application/json");
    },
    handover: new SqsHandover(sqs(), needed("queues")),
    storage: new S3AttemptStorage({ objects: objects(), logs: logs(), uidOf, uidForFiles: (job) => store().uidForFiles(job) }),
  };
  return remoteContext(platform, options);
}
