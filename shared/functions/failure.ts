// What a function threw, as the attempt's failure.
import { inspect } from "node:util";
import type { AttemptFailure } from "../domain/attempt.ts";
import { isObject, type Json, type JsonObject } from "../domain/json.ts";
import type { Mask } from "../attempt/mask.ts";
import { verdictOf } from "../sdk/errors.ts";
import { readableStack } from "./stack.ts";

const MESSAGE_CHARS_MAX = 2000;
const STACK_CHARS_MAX = 8 * 1024;
const DETAILS_CHARS_MAX = 64 * 1024;
const CODE_CHARS_MAX = 128;

export const cut = (text: string, chars: number): string => (text.length > chars ? `${text.slice(0, chars)}…` : text);

/** Whatever was thrown, hostile objects too. */
export function failureOf(thrown: unknown, mask: Mask): AttemptFailure {
  try {
    return read(thrown, mask);
  } catch {
    return { code: "function.threw", message: "What the function threw cannot be read.", retryable: true };
  }
}

function read(thrown: unknown, mask: Mask): AttemptFailure {
  const verdict = verdictOf(thrown);
  const error = thrown instanceof Error || (isObject(thrown) && typeof thrown.message === "string") ? (thrown as Error) : null;
  const name = error ? String(error.name) : "thrown value";
  const message = error ? String(error.message) || name : typeof thrown === "string" ? thrown : inspect(thrown, { depth: 2 });
  const stack = error && typeof error.stack === "string" ? { stack: cut(readableStack(error), STACK_CHARS_MAX) } : {};
  return {
    code: verdict?.code === undefined ? "function.threw" : userCode(mask.text(String(verdict.code))),
    message: cut(mask.text(message), MESSAGE_CHARS_MAX),
    retryable: verdict?.retryable ?? true,
    details: mask.json({ name, ...stack, ...ownDetails(verdict?.details) }),
    ...(verdict?.retryAfterMs !== undefined && { retryAfterMs: verdict.retryAfterMs }),
  };
}

/** Codes of ours and of jobs never meet. */
const userCode = (code: string): string => (code.startsWith("user.") ? code : `user.${code}`).slice(0, CODE_CHARS_MAX);

/** What cannot be stored is left out: the failure itself matters more. */
function ownDetails(details: Json | undefined): JsonObject {
  if (details === undefined) return {};
  try {
    const text = JSON.stringify(details) as string | undefined;
    if (text === undefined || text.length > DETAILS_CHARS_MAX) return {};
    const value = JSON.parse(text) as Json;
    return isObject(value) ? (value as JsonObject) : { details: value };
  } catch {
    return {};
  }
}
