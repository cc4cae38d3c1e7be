// For tests: a stage of its own in an emulator.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { root } from "../graph-harness/places.ts";

export interface StageChoices {
  readonly stage?: string;
  /** Another folder of jobs. */
  readonly jobs?: string;
  /** 12 digits: accounts of one emulator know nothing of each other. */
  readonly account?: string;
}

export interface Stage {
  /** Of the API, without a slash at its end. */
  readonly url: string;
  readonly token: string;
  /** What the deployment said. */
  readonly said: string;
}

/** Takes about 7 s the first time, half of it when it is deployed again. @throws Error with what went wrong */
export function deployTo(endpoint: string, { stage = "dev", jobs, account = "000000000000" }: StageChoices = {}): Promise<Stage> {
  const program = join(import.meta.dirname, "deploy/main.ts");
  const args = [program, "--json", "--stage", stage, ...(jobs === undefined ? [] : ["--jobs", jobs])];
  const env = { ...process.env, AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: account, AWS_REGION: "us-east-1" };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`the deployment failed:\n${stderr}`, { cause: error }));
      else resolve({ ...(JSON.parse(stdout.trim().split("\n").at(-1)!) as Pick<Stage, "url" | "token">), said: stdout });
    });
  });
}
