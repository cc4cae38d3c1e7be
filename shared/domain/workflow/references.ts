// References in params: {"$from": "steps.extract.result.rows", "default"?: …} and {"$text": "s3://b/{params.region}/x"}.
import { isObject, type Json, type JsonObject } from "../json.ts";
import { parsePath } from "./path.ts";
import { parseTemplate } from "./template.ts";

/** Deeper values are data: no request body is nested deeper. */
const DEPTH_MAX = 64;

export interface Reference {
  /** As written. */
  readonly path: string;
  /** Empty if the path cannot be read. */
  readonly segments: readonly string[];
  readonly hasDefault: boolean;
  /** Its dotted place in the value searched; empty for the value itself. */
  readonly at: string;
  /** Why it can never be resolved. */
  readonly problem: string | null;
}

/** What references are resolved with. `steps` are results by step; undefined = there is none. */
export interface Scope {
  readonly params: Json;
  readonly steps: Readonly<Record<string, Json | undefined>>;
  readonly matrix: JsonObject | null;
}

export type Resolved = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly missing: string };

type Form =
  | { readonly kind: "from"; readonly from: string; readonly fallback: Json | undefined }
  | { readonly kind: "text"; readonly text: string };

function formOf(value: Record<string, unknown>): Form | null {
  const others = Object.keys(value).filter((key) => key !== "default");
  if (others.length !== 1) return null;
  if (others[0] === "$from" && typeof value.$from === "string") {
    return { kind: "from", from: value.$from, fallback: Object.hasOwn(value, "default") ? (value.default as Json | undefined) : undefined };
  }
  if (others[0] === "$text" && typeof value.$text === "string" && !Object.hasOwn(value, "default"))
    return { kind: "text", text: value.$text };
  return null;
}

/** Every reference in a value, those in defaults too. */
export function referencesIn(json: Json): Reference[] {
  const found: Reference[] = [];
  collect(json, [], found);
  return found;
}

function collect(value: Json, place: readonly string[], found: Reference[]): void {
  if (typeof value !== "object" || value === null) return;
  const at = place.join(".");
  if (place.length > DEPTH_MAX) {
    found.push({ path: "", segments: [], hasDefault: false, at, problem: `is nested deeper than ${DEPTH_MAX} levels` });
    return;
  }
  const form = isObject(value) ? formOf(value) : null;
  // One by one: a long text may hold more references than a call may have arguments.
  for (const reference of form ? referencesOf(form, at) : isObject(value) ? misspelt(value, at) : []) found.push(reference);
  if (form?.kind === "text") return;
  for (const [key, inner] of Object.entries(value)) collect(inner, [...place, key], found);
}

function referencesOf(form: Form, at: string): Reference[] {
  if (form.kind === "from") {
    const read = parsePath(form.from);
    const reference = { path: form.from, hasDefault: form.fallback !== undefined, at };
    return [read.ok ? { ...reference, segments: read.segments, problem: null } : { ...reference, segments: [], problem: read.problem }];
  }
  return parseTemplate(form.text).flatMap((part) =>
    "text" in part ? [] : [{ hasDefault: false, at, segments: [], problem: null, ...part }],
  );
}

/** What was surely meant as a reference: as data it would reach the job unnoticed. */
function misspelt(value: Record<string, unknown>, at: string): Reference[] {
  const problem = (path: string, text: string): Reference => ({ path, segments: [], hasDefault: false, at, problem: text });
  if (Object.hasOwn(value, "$from")) return [problem("$from", 'is not a reference: it must be {"$from": "path", "default"?: …}')];
  if (Object.hasOwn(value, "$text")) return [problem("$text", 'is not a template: it must be {"$text": "… {path} …"} and nothing else')];
  return [];
}

/** The value with every reference replaced. What is put in is data: references inside it are not followed. */
export function resolve(json: Json, scope: Scope): Resolved {
  return resolveAt(json, scope, 0);
}

function resolveAt(value: Json, scope: Scope, depth: number): Resolved {
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return { ok: true, value };
  if (Array.isArray(value)) return resolveList(value, scope, depth);
  const form = formOf(value);
  if (form?.kind === "text") return resolveText(form.text, scope);
  if (form) return resolveFrom(form.from, form.fallback, scope, depth);
  const keys = Object.keys(value);
  const values = resolveList(Object.values(value), scope, depth);
  // fromEntries makes own properties, also of `__proto__`.
  return values.ok ? { ok: true, value: Object.fromEntries(keys.map((key, index) => [key, values.value[index]!])) } : values;
}

function resolveList(items: readonly Json[], scope: Scope, depth: number): { ok: true; value: Json[] } | { ok: false; missing: string } {
  const value: Json[] = [];
  for (const item of items) {
    const resolved = resolveAt(item, scope, depth + 1);
    if (!resolved.ok) return resolved;
    value.push(resolved.value);
  }
  return { ok: true, value };
}

function resolveFrom(path: string, fallback: Json | undefined, scope: Scope, depth: number): Resolved {
  const read = parsePath(path);
  const value = read.ok ? lookUp(read.segments, scope) : undefined;
  if (value !== undefined) return { ok: true, value };
  return fallback === undefined ? { ok: false, missing: path } : resolveAt(fallback, scope, depth + 1);
}

function resolveText(template: string, scope: Scope): Resolved {
  let text = "";
  for (const part of parseTemplate(template)) {
    if ("text" in part) text += part.text;
    else {
      const value = "segments" in part ? lookUp(part.segments, scope) : undefined;
      if (value === undefined) return { ok: false, missing: part.path };
      text += typeof value === "string" ? value : JSON.stringify(value);
    }
  }
  return { ok: true, value: text };
}

function lookUp([root, ...keys]: readonly string[], scope: Scope): Json | undefined {
  if (root === "params") return descend(scope.params, keys);
  if (root === "matrix") return descend(scope.matrix ?? undefined, keys);
  const [step, , ...rest] = keys;
  return descend(own(scope.steps, step!) as Json | undefined, rest);
}

const descend = (value: Json | undefined, keys: readonly string[]): Json | undefined => keys.reduce<Json | undefined>(own, value);

const indexPattern = /^(?:0|[1-9][0-9]*)$/;

/** Own properties only: `constructor` and `length` are not data. */
function own(value: unknown, key: string): Json | undefined {
  if (Array.isArray(value)) return indexPattern.test(key) ? (value[Number(key)] as Json | undefined) : undefined;
  return isObject(value) && Object.hasOwn(value, key) ? (value[key] as Json) : undefined;
}
