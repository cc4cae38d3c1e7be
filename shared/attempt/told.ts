// What a job says of itself in lines on stdout: `::progress 42 stage name`, `::result key=json`, `::error code message`.
import type { Json } from "../domain/json.ts";
import type { ProgressNews } from "../domain/progress.ts";

export interface ToldError {
  readonly code: string;
  readonly message: string;
}

/** Everything but progress: what matters once the attempt has ended. */
export interface Told {
  readonly results: { readonly [key: string]: Json } | null;
  readonly error: ToldError | null;
  /** The results are more than is kept. */
  readonly tooLarge?: true;
}

export type Saying =
  | { readonly progress: ProgressNews }
  | { readonly result: { readonly key: string; readonly value: Json; readonly bytes: number } }
  | { readonly error: ToldError };

const progressPattern = /^::progress\s+(\d+(?:\.\d+)?)%?(?:\s+(.*?))?\s*$/;
const resultPattern = /^::result\s+([^\s=]+)\s*=(.*)$/s;
const errorPattern = /^::error\s+(\S+)(?:\s+(.*))?$/s;

/** Null = an ordinary line. */
export function sayingOf(line: string): Saying | null {
  if (!line.startsWith("::")) return null;
  const [, percent, stage] = progressPattern.exec(line) ?? [];
  if (percent !== undefined) return { progress: { percent: Number(percent), ...(stage && { stage }) } };
  const [, key, value] = resultPattern.exec(line) ?? [];
  if (key !== undefined && value !== undefined) return { result: { key, value: valueOf(value), bytes: Buffer.byteLength(line) } };
  const [, code, message] = errorPattern.exec(line) ?? [];
  return code === undefined ? null : { error: { code, message: message ?? code } };
}

function valueOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
