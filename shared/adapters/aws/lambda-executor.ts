// Function jobs on Lambda, as far as submitting needs to know: what runs them is the state machine.
import { didYouMean } from "../../domain/errors.ts";
import { durationMs, type JobSpec } from "../../domain/spec.ts";
import type { ExecutorKind, Refusal } from "../../ports/executor.ts";
import type { FunctionInfo, Functions } from "../../ports/functions.ts";
import { FUNCTION_LIMIT_MS } from "./limits.ts";

export function catalogueOf(list: readonly FunctionInfo[]): Functions {
  const byName = new Map(list.map((info) => [info.name, info]));
  return { get: (name) => byName.get(name), functions: () => list };
}

const seconds = (ms: number): string => `${ms / 1000}s`;

export class LambdaExecutor implements ExecutorKind {
  readonly name = "lambda";
  readonly types = ["function"] as const;
  readonly #functions: Functions;

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  accepts(spec: JobSpec): Refusal | null {
    const name = spec.function ?? "";
    if (this.#functions.get(name) === undefined) {
      const known = this.#functions.functions().map((info) => info.name);
      const message = `There is no function called ${JSON.stringify(name)}.${didYouMean(name, known)} GET /v1/functions lists them.`;
      return { code: "function.unknown", path: "function", message };
    }
    if ((durationMs(spec.timeout) ?? 0) <= FUNCTION_LIMIT_MS) return null;
    const message = `A function job on Lambda has at most ${seconds(FUNCTION_LIMIT_MS)} an attempt.`;
    return { code: "executor.impossible", path: "timeout", message };
  }

  /** The time-out that an attempt has in any case. */
  withLimits(spec: JobSpec): JobSpec {
    const own = durationMs(spec.timeout ?? this.#functions.get(spec.function ?? "")?.timeout);
    return { ...spec, timeout: spec.timeout ?? seconds(Math.min(own ?? FUNCTION_LIMIT_MS, FUNCTION_LIMIT_MS)) };
  }
}
