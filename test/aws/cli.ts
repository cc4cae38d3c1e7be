// The CLI against a deployed stage.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { AwsStage } from "./stage.ts";

const program = join(import.meta.dirname, "../../cli/main.mjs");

export function cli(stageOf: () => AwsStage): void {
  const run = async (...args: string[]) => {
    const { endpoint, url, token } = stageOf();
    const aws = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "000000000000", AWS_SECRET_ACCESS_KEY: "test" };
    const env = { ...process.env, ...aws, SWITCHYARD_URL: url, SWITCHYARD_TOKEN: token };
    return promisify(execFile)(process.execPath, [program, ...args], { env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );
  };

  test("submits, waits, lists and shows logs as with a server on this machine", async () => {
    const { stdout } = await run(
      "job",
      "submit",
      "--function",
      "echo",
      "--param",
      "say=from afar",
      "--timeout",
      "30s",
      "--name",
      "afar",
      "--wait",
      "--json",
    );
    const { id, state } = JSON.parse(stdout) as { id: string; state: string };
    expect(state).toBe("completed");
    expect((await run("job", "logs", id)).stdout).toContain("from afar");
    expect((await run("job", "list", "--name", "afar")).stdout).toContain(id);
  });

  test("finds a stage well, and says what to do about one that is not there", async () => {
    const well = await run("doctor", "--aws", "--stage", "paths", "--json");
    expect(JSON.parse(well.stdout)).toMatchObject({ ok: true });
    const nowhere = await run("doctor", "--aws", "--stage", "nowhere");
    expect(nowhere).toMatchObject({ code: 1, stdout: expect.stringContaining("npx sst deploy --stage nowhere") });
  });
}
