import { describe, expect, test } from "vitest";
import { indexKeys } from "../../shared/adapters/aws/dynamodb/table-definition.ts";
import { statementsOf } from "../graph-harness/view.ts";
import { graphOf, stages } from "./graph.given.ts";

describe.each(stages)("stage %s", (stage) => {
  const graph = graphOf(stage);

  test("the table is the one that the store knows, streams both images, forgets by ttl and can be put back in time", () => {
    const { inputs } = graph.one("aws:dynamodb/table:Table", "JobsTable");
    expect(inputs).toMatchObject({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      streamEnabled: true,
      streamViewType: "NEW_AND_OLD_IMAGES",
      ttl: { attributeName: "ttl", enabled: true },
      pointInTimeRecovery: { enabled: true },
    });
    const indexes = inputs.globalSecondaryIndexes as { name: string; hashKey: string; rangeKey: string }[];
    expect(Object.fromEntries(indexes.map(({ name, hashKey, rangeKey }) => [name, { pk: hashKey, sk: rangeKey }]))).toEqual(indexKeys);
  });

  test("the bucket is private, encrypted, versionless, reached over TLS only, and keeps neither unfinished uploads nor answers that nobody asks for again", () => {
    const block = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
    expect(graph.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "FilesPublicAccessBlock").inputs).toMatchObject(block);
    const statements = statementsOf(graph.one("aws:s3/bucketPolicy:BucketPolicy", "FilesPolicy").inputs.policy);
    expect(statements).toMatchObject([{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": ["false"] } } }]);
    expect(graph.ofType("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")).toHaveLength(1);
    expect(graph.ofType("aws:s3/bucketVersioning:BucketVersioning")).toEqual([]);
    expect(graph.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "FilesLifecycle").inputs.rules).toMatchObject([
      { status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 2 } },
      { status: "Enabled", filter: { prefix: "answers/" }, expiration: { days: 2 } },
    ]);
  });

  test("secrets are made for the stage, kept encrypted, and shown nowhere", () => {
    const parameters = graph.ofType("aws:ssm/parameter:Parameter");
    expect(Object.fromEntries(parameters.map(({ inputs }) => [inputs.name, inputs.type]))).toEqual({
      [`/switchyard/${stage}/token`]: "SecureString",
      [`/switchyard/${stage}/attempt-key`]: "SecureString",
      [`/switchyard/${stage}/url`]: "String",
    });
    expect(graph.ofType("random:index/randomPassword:RandomPassword").map(({ inputs }) => inputs.length)).toEqual([43, 43]);
    for (const { inputs } of graph.ofType("aws:lambda/function:Function")) expect(JSON.stringify(inputs)).not.toContain("p".repeat(43));
  });
});
