import { describe, expect, test } from "vitest";
import { graphOf, stages } from "./graph.given.ts";

describe.each([...stages, "chosen" as const])("stage %s", (stage) => {
  const { evaluation } = graphOf(stage);

  test("is evaluated to its end", () => {
    expect(evaluation.errors).toEqual([]);
    expect(evaluation.unhandled).toEqual([]);
  });

  test("tells where its API is and how its token is read", () => {
    expect(evaluation.outputs).toMatchObject({
      url: expect.stringMatching(/^https:/) as string,
      token: expect.stringContaining(`--name /switchyard/${stage}/token`) as string,
    });
  });

  test("tags everything with the project and the stage", () => {
    const { aws } = (evaluation.app as unknown as { providers: { aws: { defaultTags: unknown } } }).providers;
    expect(aws.defaultTags).toMatchObject({ tags: { project: "switchyard", stage } });
  });
});

test("production is protected, and its table and bucket outlive it", () => {
  const production = graphOf("production");
  expect(production.evaluation.app).toMatchObject({ removal: "retain", protect: true });
  for (const [type, name] of [
    ["aws:dynamodb/table:Table", "JobsTable"],
    ["aws:s3/bucket:Bucket", "FilesBucket"],
  ] as const)
    // prettier-ignore
    expect(production.one(type, name).options.retainOnDelete).toBe(true);
  expect(production.one("aws:dynamodb/table:Table", "JobsTable").inputs.deletionProtectionEnabled).toBe(true);
  expect(production.one("aws:s3/bucket:Bucket", "FilesBucket").inputs.forceDestroy).toBe(false);
});

test("other stages leave nothing behind", () => {
  const dev = graphOf("dev");
  expect(dev.evaluation.app).toMatchObject({ removal: "remove", protect: false });
  expect(dev.resources.filter(({ options }) => options.retainOnDelete).map(({ name }) => name)).toEqual([]);
  expect(dev.one("aws:s3/bucket:Bucket", "FilesBucket").inputs.forceDestroy).toBe(true);
});
