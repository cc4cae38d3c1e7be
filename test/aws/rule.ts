// The example of a rule of one's own, run as it stands.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { Envelope } from "../../events/envelope.ts";
import type { AwsStage } from "./stage.ts";

const example = join(import.meta.dirname, "../../examples/events/failed-jobs.ts");

export function rule(stageOf: () => AwsStage): void {
  test("tells whoever asks for it of each job that fails, in the documented envelope, and of no other", async () => {
    const stage = stageOf();
    const { endpoint, busName, clients } = stage;
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "000000000000",
      AWS_SECRET_ACCESS_KEY: "test",
    };
    const { stdout } = await promisify(execFile)(process.execPath, [example, busName], { env });
    await stage.finish({ function: "echo", timeout: "30s" });
    const { id } = await stage.finish({ function: "flaky", params: { until: 9, isFinal: true }, timeout: "30s" });
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: stdout.trim(), WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }),
    );
    const [event] = Messages.map(({ Body }) => JSON.parse(Body!) as Record<string, unknown>);
    expect(Messages).toHaveLength(1);
    expect(event).toMatchObject({ source: "switchyard", "detail-type": "job.failed" });
    expect(Envelope.parse(event!.detail)).toMatchObject({ type: "job.failed", jobId: id, data: { error: { code: "user.final" } } });
  });
}
