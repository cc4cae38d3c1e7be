// Runs a function once: params in, outcome out. The same in threads, in processes and on the main thread.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { jsonDepth } from "../attempt/left.ts";
import type { Mask } from "../attempt/mask.ts";
import { RESULT_BYTES_MAX } from "../attempt/outcome.ts";
import type { AttemptFailure, Outcome } from "../domain/attempt.ts";
import type { Json, JsonText } from "../domain/json.ts";
import type { ProgressNews } from "../domain/progress.ts";
import type { JobDefinition } from "../sdk/define-job.ts";
import type { AttemptFiles } from "./attempt-files.ts";
import { contextOf } from "./context.ts";
import { cut, failureOf } from "./failure.ts";
import type { Call } from "./call.ts";
import { parse, type Parsed } from "./parse.ts";
import { ProgressTeller } from "./progress-teller.ts";

const RESULT_DEPTH_MAX = 64;
const MESSAGE_CHARS_MAX = 2000;

export interface Surroundings {
  readonly files: AttemptFiles;
  readonly mask: Mask;
  readonly signal: AbortSignal;
  progress(news: ProgressNews): void;
}

/** Never rejects. */
export async function runFunction(definition: JobDefinition, call: Call, around: Surroundings): Promise<Outcome> {
  const { files, mask, signal } = around;
  const teller = new ProgressTeller(mask, (news) => around.progress(news));
  try {
    const params = await parse(definition.params, JSON.parse(call.params));
    if (!params.ok) return failed("function.invalid_params", `The params are not what the job takes: ${faultsOf(params)}`, mask);
    const returned = await definition.run(params.value, contextOf(call, files, signal, teller));
    const result = await resultOf(definition, returned);
    return "code" in result ? { failure: { ...result, message: mask.text(result.message) } } : kept(result.text, call, around);
  } catch (error) {
    return { failure: failureOf(error, mask) };
  } finally {
    teller.end();
  }
}

const failed = (code: string, message: string, mask: Mask): Outcome => ({
  failure: { code, message: cut(mask.text(message), MESSAGE_CHARS_MAX), retryable: false },
});

const faultsOf = ({ faults }: Extract<Parsed, { ok: false }>): string =>
  `${faults.slice(0, 5).join("; ")}${faults.length > 5 ? `; and ${faults.length - 5} more` : ""}`;

const invalid = (message: string): AttemptFailure => ({ code: "function.invalid_result", message: cut(message, MESSAGE_CHARS_MAX), retryable: false }); // prettier-ignore

async function resultOf(definition: JobDefinition, returned: unknown): Promise<{ readonly text: JsonText } | AttemptFailure> {
  let value = returned;
  if (definition.result) {
    const parsed = await parse(definition.result, returned);
    if (!parsed.ok) return invalid(`The result is not what the job promises: ${faultsOf(parsed)}`);
    value = parsed.value;
  }
  let text: JsonText | undefined;
  try {
    text = JSON.stringify(value ?? null) as JsonText | undefined;
  } catch (error) {
    return invalid(`The result cannot be written as JSON: ${(error as Error).message}`);
  }
  if (text === undefined) return invalid(`The result cannot be written as JSON: it is a ${typeof value}.`);
  if (text.length > RESULT_BYTES_MAX || Buffer.byteLength(text) > RESULT_BYTES_MAX) {
    return {
      code: "output.too_large",
      message: "The result is larger than 5 MB: write it to a file at ctx.output(name).",
      retryable: false,
    };
  }
  // A shorter text has no room for so many brackets.
  const isDeep = text.length > 2 * RESULT_DEPTH_MAX && jsonDepth(text) > RESULT_DEPTH_MAX;
  return isDeep ? invalid(`The result is nested deeper than ${RESULT_DEPTH_MAX} levels.`) : { text };
}

function kept(text: JsonText, { outputFiles, secrets }: Call, { files, mask }: Surroundings): Outcome {
  const missing = outputFiles.filter((name) => !existsSync(join(files.artifacts, name)));
  if (missing.length > 0) {
    const message = `The job ended well, but did not leave ${missing.slice(0, 10).join(", ")}: write to the path that ctx.output(name) gives.`;
    return { failure: { code: "output.missing", message: mask.text(message), retryable: true } };
  }
  return { result: secrets.length === 0 ? text : JSON.stringify(mask.json(JSON.parse(text) as Json)) };
}
