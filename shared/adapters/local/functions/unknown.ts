import type { Outcome } from "../../../domain/attempt.ts";
import { didYouMean } from "../../../domain/errors.ts";
import type { JobSpec } from "../../../domain/spec.ts";
import type { Refusal } from "../../../ports/executor.ts";
import type { Functions } from "../../../ports/functions.ts";

export function unknownFunction({ function: name = "" }: JobSpec, functions: Functions): Refusal | null {
  if (functions.get(name) !== undefined) return null;
  const known = functions.functions().map((info) => info.name);
  const message = `There is no function called ${JSON.stringify(name)}.${didYouMean(name, known)} GET /v1/functions lists them.`;
  return { code: "function.unknown", path: "function", message };
}

/** It was there when the job was submitted. */
export const functionGone = ({ function: name = "" }: JobSpec): Outcome => ({
  failure: { code: "function.unknown", message: `The function ${JSON.stringify(name)} is no longer there.`, retryable: false },
});
