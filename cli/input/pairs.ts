// NAME=VALUE on the command line.
import { isObject, type Json, type JsonObject } from "../../shared/domain/json.ts";
import { usage } from "../errors.ts";

/** The first `=` parts them: values may hold more. @throws CliError */
export function pairOf(text: string, option: string): [name: string, value: string] {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`${option} ${text} is no NAME=VALUE.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A string, unless it is JSON. Numbers that JSON would change, as long ids, stay strings. */
export function valueOf(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    const isExact = typeof value !== "number" || (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)));
    return isExact ? value : text;
  } catch {
    return text;
  }
}

/** Single params are laid over those of the file. Undefined = none were given. @throws CliError */
export function paramsOf(fromFile: Json | undefined, pairs: readonly string[]): Json | undefined {
  if (pairs.length === 0) return fromFile;
  if (fromFile !== undefined && !isObject(fromFile))
    throw usage("--param needs named params, but the file of --params holds something else than an object.");
  const params = new Map<string, Json>(Object.entries((fromFile ?? {}) as JsonObject));
  for (const pair of pairs) {
    const [name, value] = pairOf(pair, "--param");
    params.set(name, valueOf(value));
  }
  return Object.fromEntries(params);
}
