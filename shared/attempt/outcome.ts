// What an attempt left behind decides how it ended. Pure: reading the files is harvest.ts.
import type { AttemptFailure, Outcome } from "../domain/attempt.ts";
import { isObject, type Json } from "../domain/json.ts";
import { jsonDepth, type LeftFile } from "./left.ts";
import type { Mask } from "./mask.ts";
import type { OutputEnd } from "./output.ts";

export const RESULT_BYTES_MAX = 5_000_000;
const RESULT_DEPTH_MAX = 64;
const MESSAGE_CHARS_MAX = 2000;
const DETAILS_BYTES_MAX = 64 * 1024;

/** How the process of an attempt ended. */
export interface ProcessEnd extends OutputEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** It could not even begin. */
  readonly spawnError?: { readonly code: string; readonly message: string };
}

export interface Left {
  readonly end: ProcessEnd;
  readonly result: LeftFile;
  readonly error: LeftFile;
  /** Declared output files that are not there. */
  readonly missing: readonly string[];
}

export function outcomeOf(left: Left, mask: Mask): Outcome {
  const { end } = left;
  const exit = end.exitCode === null ? {} : { exitCode: end.exitCode };
  if (end.spawnError)
    return { failure: failed("process.start_failed", mask.text(end.spawnError.message), mayWorkLater(end.spawnError.code)) };
  if (end.exitCode !== 0) return { ...exit, failure: failureOf(left, mask) };
  if (left.missing.length > 0) {
    const names = `${left.missing.slice(0, 10).join(", ")}${left.missing.length > 10 ? ` and ${left.missing.length - 10} more` : ""}`;
    return { ...exit, failure: failed("output.missing", mask.text(`The job ended well, but did not leave ${names}.`), true) };
  }
  return { ...exit, ...resultOf(left, mask) };
}

const failed = (code: string, message: string, retryable: boolean): AttemptFailure => ({
  code,
  message: message.length > MESSAGE_CHARS_MAX ? `${message.slice(0, MESSAGE_CHARS_MAX)}…` : message,
  retryable,
});

/** A full process table or too many open files pass; a program that is not there stays away. */
const mayWorkLater = (code: string): boolean => ["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"].includes(code);

function failureOf({ end, error }: Left, mask: Mask): AttemptFailure {
  const said = errorFile(error) ?? (end.told.error && { ...end.told.error, retryable: true });
  if (said) {
    const code = mask.text(said.code.startsWith("user.") ? said.code : `user.${said.code}`).slice(0, 128);
    const failure = failed(code, mask.text(said.message), said.retryable);
    return "details" in said && said.details !== undefined ? { ...failure, details: mask.json(said.details) } : failure;
  }
  const lastWords = lastLine(end.stderrTail);
  const what = end.signal === null ? `exited with ${end.exitCode}` : `was killed by ${end.signal}`;
  const code = end.signal === null ? `process.exit_${end.exitCode}` : `process.signal_${end.signal}`;
  return failed(code, mask.text(lastWords === undefined ? what : `${what}: ${lastWords}`), true);
}

const lastLine = (text: string): string | undefined =>
  text
    .split("\n")
    .findLast((line) => line.trim() !== "")
    ?.trim();

interface SaidError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: Json | undefined;
}

/** Null if error.json is not there, or not what it should be: then the exit code speaks. */
function errorFile(file: LeftFile): SaidError | null {
  if (file === null || !("text" in file) || jsonDepth(file.text) > RESULT_DEPTH_MAX) return null;
  const value = parsed(file.text);
  if (!isObject(value)) return null;
  const { code, message, retryable, details } = value;
  if (typeof code !== "string" && typeof message !== "string") return null;
  const name = typeof code === "string" && code !== "" ? code : "failed";
  const isSmall = details !== undefined && Buffer.byteLength(JSON.stringify(details)) <= DETAILS_BYTES_MAX;
  return {
    code: name,
    message: typeof message === "string" ? message : name,
    retryable: retryable !== false,
    ...(isSmall && { details: details as Json }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function resultOf({ end, result }: Left, mask: Mask): Outcome {
  if (result !== null) return resultFile(result, mask);
  if (end.told.tooLarge) return tooLarge("What the job told as ::result");
  return { result: JSON.stringify(mask.json((end.told.results as Json) ?? { stdout: end.stdoutTail })) };
}

function resultFile(file: NonNullable<LeftFile>, mask: Mask): Outcome {
  if ("tooLarge" in file) return tooLarge("result.json");
  if ("unreadable" in file) return { failure: failed("result.invalid", `result.json ${file.unreadable}.`, true) };
  if (jsonDepth(file.text) > RESULT_DEPTH_MAX) {
    return { failure: failed("result.invalid", `result.json is nested deeper than ${RESULT_DEPTH_MAX} levels.`, true) };
  }
  const value = parsed(file.text);
  if (value === undefined) return { failure: failed("result.invalid", "result.json is not JSON.", true) };
  return { result: JSON.stringify(mask.json(value as Json)) };
}

const tooLarge = (what: string): Outcome => ({
  failure: failed("output.too_large", `${what} is larger than 5 MB: leave it in JOB_OUTPUT_DIR as an artifact.`, false),
});
