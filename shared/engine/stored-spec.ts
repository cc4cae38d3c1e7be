// The spec as it is stored: what the user said, and what the engine has to remember with it.
import type { JobSpec } from "../domain/spec.ts";
import type { JsonObject, JsonText } from "../domain/json.ts";

export interface StoredSpec extends JobSpec {
  /** Of a job with an id of its user's choice: tells the same submission from another. */
  readonly bodyHash?: string;
  /** Params hold references that are resolved when the job starts. */
  readonly hasReferences?: true;
  /** Which part of a matrix step it is. */
  readonly part?: { readonly index: number; readonly matrix: JsonObject };
  readonly tags?: readonly string[];
}

/** Many jobs share a text: each is parsed once, within a bound. */
const parsed = new Map<JsonText, StoredSpec>();
const PARSED_MAX = 500;

export function specOf(text: JsonText): StoredSpec {
  const known = parsed.get(text);
  if (known) return known;
  const spec = JSON.parse(text) as StoredSpec;
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(text, spec);
  return spec;
}
