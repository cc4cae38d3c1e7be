// After the end: reads back what an attempt left in its folder, collects its outputs, and says how it ended.
import type { Outcome } from "../domain/attempt.ts";
import { collectOutputs } from "./collect.ts";
import { filesOf } from "./folder.ts";
import { readLeft } from "./left.ts";
import { Mask } from "./mask.ts";
import { outcomeOf, RESULT_BYTES_MAX, type ProcessEnd } from "./outcome.ts";

const ERROR_BYTES_MAX = 256 * 1024;

interface Field {
  readonly folder: string;
  readonly workingDir: string;
  readonly outputFiles: readonly string[];
  readonly secrets: readonly string[];
  readonly end: ProcessEnd;
}

export async function harvest({ folder, workingDir, outputFiles, secrets, end }: Field): Promise<Outcome> {
  const files = filesOf(folder);
  const [result, error, missing] = await Promise.all([
    readLeft(files.result, RESULT_BYTES_MAX),
    readLeft(files.error, ERROR_BYTES_MAX),
    // Also of an attempt that failed: what it made may tell why.
    end.spawnError ? [] : collectOutputs({ workingDir, artifacts: files.artifacts, declared: outputFiles }),
  ]);
  return outcomeOf({ end, result, error, missing }, new Mask(secrets));
}
