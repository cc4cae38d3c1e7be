// The table, the bucket and the secrets.
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  type CreateTableCommandInput,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { DeleteParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import type { AssetPath } from "../../graph-harness/plain.ts";
import type { Clients } from "./clients.ts";
import { deployer, unless, type Deployers } from "./deployer.ts";

interface TableInputs {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey: string;
  readonly attributes: readonly { readonly name: string; readonly type: "S" | "N" }[];
  readonly globalSecondaryIndexes?: readonly {
    readonly name: string;
    readonly hashKey: string;
    readonly rangeKey: string;
    readonly projectionType: "ALL" | "KEYS_ONLY";
  }[];
  readonly streamViewType: "NEW_AND_OLD_IMAGES";
  readonly ttl: { readonly attributeName: string; readonly enabled: boolean };
}

const keys = ({ hashKey, rangeKey }: { hashKey: string; rangeKey: string }) => [
  { AttributeName: hashKey, KeyType: "HASH" as const },
  { AttributeName: rangeKey, KeyType: "RANGE" as const },
];

const table = deployer<TableInputs>({
  async put(inputs, { dynamodb }) {
    const wanted: CreateTableCommandInput = {
      TableName: inputs.name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: inputs.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      KeySchema: keys(inputs),
      ...(inputs.globalSecondaryIndexes && {
        GlobalSecondaryIndexes: inputs.globalSecondaryIndexes.map((index) => ({
          IndexName: index.name,
          KeySchema: keys(index),
          Projection: { ProjectionType: index.projectionType },
        })),
      }),
      StreamSpecification: { StreamEnabled: true, StreamViewType: inputs.streamViewType },
    };
    let found = await describe(inputs.name, { dynamodb });
    if (found && shapeOf(found) !== shapeOf(wanted)) {
      await dynamodb.send(new DeleteTableCommand({ TableName: inputs.name }));
      found = null;
    }
    if (!found) {
      await dynamodb.send(new CreateTableCommand(wanted));
      const { attributeName, enabled } = inputs.ttl;
      const TimeToLiveSpecification = { AttributeName: attributeName, Enabled: enabled };
      await dynamodb.send(new UpdateTimeToLiveCommand({ TableName: inputs.name, TimeToLiveSpecification }));
      found = await describe(inputs.name, { dynamodb });
    }
    return { id: inputs.name, outputs: { arn: found?.TableArn, streamArn: found?.LatestStreamArn } };
  },
  remove: ({ id }, { dynamodb }) => unless("ResourceNotFoundException", dynamodb.send(new DeleteTableCommand({ TableName: id }))),
});

async function describe(name: string, { dynamodb }: Pick<Clients, "dynamodb">): Promise<TableDescription | null> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: name }))).Table ?? null;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return null;
    throw error;
  }
}

/** What of a table cannot be changed while it is there. */
function shapeOf({ KeySchema, GlobalSecondaryIndexes = [], StreamSpecification }: TableDescription | CreateTableCommandInput): string {
  const indexes = GlobalSecondaryIndexes.map((index) =>
    JSON.stringify([index.IndexName, index.KeySchema, index.Projection?.ProjectionType]),
  );
  return JSON.stringify([KeySchema, indexes.toSorted(), StreamSpecification?.StreamViewType]);
}

const bucket = deployer<{ readonly bucket: string }>({
  async put({ bucket }, { s3 }) {
    await unless("BucketAlreadyOwnedByYou BucketAlreadyExists", s3.send(new CreateBucketCommand({ Bucket: bucket })));
    return { id: bucket, outputs: { arn: `arn:aws:s3:::${bucket}` } };
  },
});

const bucketPolicy = deployer<{ readonly bucket: string; readonly policy: string }>({
  async put({ bucket, policy }, { s3 }) {
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    return { id: bucket };
  },
});

interface PublicAccess {
  readonly bucket: string;
  readonly blockPublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly ignorePublicAcls: boolean;
  readonly restrictPublicBuckets: boolean;
}

const publicAccess = deployer<PublicAccess>({
  async put({ bucket, blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets }, { s3 }) {
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: blockPublicAcls,
      BlockPublicPolicy: blockPublicPolicy,
      IgnorePublicAcls: ignorePublicAcls,
      RestrictPublicBuckets: restrictPublicBuckets,
    };
    await s3.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }));
    return { id: bucket };
  },
});

interface Encryption {
  readonly bucket: string;
  readonly rules: readonly { readonly applyServerSideEncryptionByDefault: { readonly sseAlgorithm: "AES256" } }[];
}

const encryption = deployer<Encryption>({
  async put({ bucket, rules }, { s3 }) {
    const Rules = rules.map((rule) => ({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: rule.applyServerSideEncryptionByDefault.sseAlgorithm },
    }));
    await s3.send(new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules } }));
    return { id: bucket };
  },
});

interface Lifecycle {
  readonly bucket: string;
  readonly rules: readonly {
    readonly id: string;
    readonly status: "Enabled";
    readonly filter: { readonly prefix: string };
    readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
    readonly expiration?: { readonly days: number };
  }[];
}

const lifecycle = deployer<Lifecycle>({
  async put({ bucket, rules }, { s3 }) {
    const Rules = rules.map(({ id, status, filter, abortIncompleteMultipartUpload: aborted, expiration }) => ({
      ID: id,
      Status: status,
      Filter: { Prefix: filter.prefix },
      ...(aborted && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: aborted.daysAfterInitiation } }),
      ...(expiration && { Expiration: { Days: expiration.days } }),
    }));
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules } }));
    return { id: bucket };
  },
});

const object = deployer<{ readonly bucket: string; readonly key: string; readonly source: AssetPath }>({
  async put({ bucket, key, source }, { s3 }) {
    const { size } = await stat(source.assetPath);
    const Body = createReadStream(source.assetPath);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: size }));
    return { id: key };
  },
});

const parameter = deployer<{ readonly name: string; readonly type: "SecureString" | "String"; readonly value: string }>({
  async put({ name, type, value }, { parameters, place }) {
    await parameters.send(new PutParameterCommand({ Name: name, Type: type, Value: value, Overwrite: true }));
    return { id: name, outputs: { arn: `arn:aws:ssm:${place.region}:${place.account}:parameter${name}` } };
  },
  remove: ({ id }, { parameters }) => unless("ParameterNotFound", parameters.send(new DeleteParameterCommand({ Name: id }))),
});

const password = deployer<{ readonly length: number }>({
  // The same as long as its length stays: else each deployment would change the token.
  put: ({ length }, _, { previous }) =>
    Promise.resolve({
      id: "none",
      outputs: { result: previous?.outputs.result ?? randomBytes(length).toString("base64url").slice(0, length) },
    }),
});

const bytes = deployer<{ readonly length: number }>({
  put: ({ length }, _, { previous }) =>
    Promise.resolve({ id: "none", outputs: { base64: previous?.outputs.base64 ?? randomBytes(length).toString("base64") } }),
});

export const storage: Deployers = {
  "aws:dynamodb/table:Table": table,
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketPolicy:BucketPolicy": bucketPolicy,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccess,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
  "aws:s3/bucketObjectv2:BucketObjectv2": object,
  "aws:ssm/parameter:Parameter": parameter,
  "random:index/randomPassword:RandomPassword": password,
  "random:index/randomBytes:RandomBytes": bytes,
};
