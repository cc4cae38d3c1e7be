import { describe, expect, test } from "vitest";
import { inputsOf } from "../../stacks/inputs.ts";
import { everyChoice } from "./graph.given.ts";

const inputs = (choices: object, stage = "dev") => inputsOf(stage, JSON.stringify(choices));

describe("what an operator chooses", () => {
  test("may be nothing", () => {
    expect(inputs({})).toMatchObject({ stage: "dev", isProduction: false, jobs: "jobs", publish: ["*"], vpc: null });
  });

  test("may be everything", () => {
    expect(inputs(everyChoice)).toMatchObject(everyChoice);
  });

  test("may differ by stage, field by field", () => {
    const choices = { memory: { api: 1024, jobs: 256 }, stages: { production: { memory: { jobs: 2048 }, logs: { retentionDays: 365 } } } };
    expect(inputs(choices, "production")).toMatchObject({ memory: { api: 1024, jobs: 2048 }, logs: { retentionDays: 365 } });
    expect(inputs(choices)).toMatchObject({ memory: { api: 1024, jobs: 256 }, logs: { retentionDays: 30 } });
  });
});

describe("what cannot be is refused by its field's name", () => {
  test.each([
    ["quotas.concurrency.low", { quotas: { concurrency: { low: 1 } } }],
    ["quotas.reserved.apii", { quotas: { reserved: { apii: 5 } } }],
    ["memory.jobs", { memory: { jobs: 64 } }],
    ["logs.retentionDays", { logs: { retentionDays: 31 } }],
    ["alarms.email", { alarms: { email: "nobody" } }],
    ["jwt.audience", { jwt: { issuer: "https://issuer.example.com" } }],
    ["vpc.subnets.0", { vpc: { subnets: ["vpc-1"], securityGroups: ["sg-1"] } }],
    ["publish.0", { publish: ["everything"] }],
    ["domain.name", { domain: { name: "not a name" } }],
    ["retention", { retention: 5 }],
    ["stages.production.memory.api", { stages: { production: { memory: { api: "1 GB" } } } }],
  ])("%s", (field, choices) => {
    expect(() => inputs(choices)).toThrow(`switchyard.aws.json: ${field}: `);
  });

  test("what is not JSON at all", () => {
    expect(() => inputsOf("dev", "{")).toThrow("switchyard.aws.json is not JSON");
  });

  test.each(["Dev", "a_b", "9lives", "a-stage-with-a-name-too-long", "a-job", "a-job-b"])("a stage called %s", (stage) => {
    expect(() => inputs({}, stage)).toThrow("sst --stage: stage: ");
  });
});
