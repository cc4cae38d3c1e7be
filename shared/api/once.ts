// Idempotency-Key: the same request again gets the first answer again.
import { HOUR } from "../domain/duration.ts";
import { SwitchyardError } from "../domain/errors.ts";
import { bodyHash } from "../engine/prepare.ts";
import type { Accepted, Once } from "../engine/submit.ts";
import { answerText } from "./route.ts";

const KEPT_MS = 24 * HOUR;
const KEY_CHARS_MAX = 255;

/** `what` keeps the keys of different routes apart only in what they compare: one key is one request. */
export function onceOf<T>(
  key: string | undefined,
  what: string,
  body: unknown,
  now: number,
  answerOf: (made: T) => unknown,
): Once<T> | undefined {
  if (key === undefined) return undefined;
  if (key.length === 0 || key.length > KEY_CHARS_MAX)
    throw new SwitchyardError("request.invalid", `Idempotency-Key must be 1 to ${KEY_CHARS_MAX} characters.`);
  return { key, bodyHash: bodyHash([what, body ?? null]), untilMs: now + KEPT_MS, answerOf: (made) => JSON.stringify(answerOf(made)) };
}

export const acceptedAnswer = <T>(accepted: Accepted<T>, answerOf: (made: T) => unknown): Response =>
  "repeated" in accepted
    ? answerText(accepted.repeated, 201)
    : answerText(JSON.stringify(answerOf(accepted.made)), accepted.isNew ? 201 : 200);
