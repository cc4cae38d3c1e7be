// sst.config.ts evaluated without AWS, Pulumi or bun, in a process of its own: 3 s.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Evaluation } from "./graph.ts";
import { root } from "./places.ts";

export interface EvaluateChoices {
  readonly stage: string;
  /** Another folder of jobs. */
  readonly jobs?: string;
  /** Another switchyard.aws.json. */
  readonly config?: string;
}

/** Also an evaluation that went wrong is answered: its errors say how. @throws Error if there is none */
export async function evaluate({ stage, jobs, config }: EvaluateChoices): Promise<Evaluation> {
  const work = await mkdtemp(join(tmpdir(), "switchyard-graph-"));
  const out = join(work, "evaluation.json");
  const chosen = { ...(jobs !== undefined && { SWITCHYARD_JOBS: jobs }), ...(config !== undefined && { SWITCHYARD_AWS_CONFIG: config }) };
  try {
    await new Promise<void>((resolve, reject) => {
      const program = join(import.meta.dirname, "program.ts");
      const options = { cwd: root, env: { ...process.env, ...chosen } };
      execFile(process.execPath, ["--no-warnings", program, stage, work, out], options, (error, _, stderr) =>
        error ? reject(new Error(`sst.config.ts could not be evaluated:\n${stderr}`, { cause: error })) : resolve(),
      );
    });
    return JSON.parse(await readFile(out, "utf8")) as Evaluation;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
