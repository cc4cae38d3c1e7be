// What a plain function job asks of AWS, counted, and what that costs. docs/cost.md has the same figures.
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dollarsPerMillion, totalOf, type Taken } from "./prices.ts";
import type { AwsStage } from "./stage.ts";

const JOBS = 60;
/** Of the table and its indexes: submit 4, claim 1, settle 2 (test/contract/store-dynamodb-cost.test.ts). */
const WRITE_UNITS = 7;
/** A million jobs in a day, evenly: the stream is read each second, from four shards. */
const STREAM_BATCHES_PER_JOB = 4 / (1e6 / 86_400);
/** An item of the feed and, every ten seconds, one of its times. */
const WRITE_UNITS_PER_BATCH = 1.5;
/** api, dispatch, settle at 512 MB; longer than they take in the emulator. */
const SECONDS_OF_OURS = 3 * 0.02;
/** From the claim to the end, in steps of 100 ms and 64 MB. */
const EXPRESS_SECONDS = 0.2;

export const takenByPlainJob = (reads: number): Taken => ({
  writes: WRITE_UNITS + STREAM_BATCHES_PER_JOB * WRITE_UNITS_PER_BATCH,
  reads,
  httpRequests: 1,
  lambdaRequests: 4 + STREAM_BATCHES_PER_JOB,
  lambdaGbSeconds: (SECONDS_OF_OURS + STREAM_BATCHES_PER_JOB * 0.02) * 0.5,
  sqsRequests: 3,
  expressRequests: 1,
  expressGbSeconds: (EXPRESS_SECONDS * 64) / 1024,
  standardTransitions: 0,
  logBytes: 0,
});

export function cost(stageOf: () => AwsStage): void {
  test("that is plain costs at most ten dollars a million, in all but its own compute", async () => {
    const stage = stageOf();
    const job = { function: "echo", params: { value: "x".repeat(150) }, timeout: "30s" };
    await stage.finish(job);
    const stateMachineArn = await stage.machine("express");
    const succeeded = async (): Promise<number> =>
      (
        (await stage.clients.states.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "SUCCEEDED", maxResults: 1000 })))
          .executions ?? []
      ).length;
    const before = await succeeded();
    stage.proxy.reset();
    for (let n = 0; n < JOBS; n += 4) await Promise.all(Array.from({ length: 4 }, () => stage.call("POST", "/v1/jobs", job)));
    await expect.poll(succeeded, { timeout: 30_000, interval: 200 }).toBe(before + JOBS);
    const counts = Object.fromEntries([...stage.proxy.counts].filter(([name]) => !name.startsWith("API")));
    const eachJob = (...names: string[]): number => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0) / JOBS;

    expect(eachJob("DynamoDB UpdateItem")).toBeCloseTo(1, 1);
    expect(eachJob("AmazonSQS SendMessageBatch")).toBe(1);
    expect(eachJob("AWSStepFunctions StartExecution")).toBe(1);
    expect(eachJob("DynamoDB TransactWriteItems")).toBeLessThanOrEqual(0.2);
    // Of up to 4 KB, strongly.
    const reads = eachJob("DynamoDB GetItem", "DynamoDB BatchGetItem", "DynamoDB Query");
    expect(reads).toBeLessThanOrEqual(3);
    const costs = dollarsPerMillion(takenByPlainJob(reads));
    expect(totalOf(costs), JSON.stringify({ costs, counts })).toBeLessThanOrEqual(10);
  });

  test("costs what docs/cost.md says", () => {
    const text = readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8");
    for (const [name, dollars] of Object.entries(dollarsPerMillion(takenByPlainJob(2)))) {
      if (dollars > 0) expect(text, `${name} $${dollars.toFixed(2)}`).toContain(`$${dollars.toFixed(2)}`);
    }
    expect(text).toContain(`**$${totalOf(dollarsPerMillion(takenByPlainJob(2))).toFixed(2)}**`);
  });
}
