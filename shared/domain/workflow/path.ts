// Paths of references: `steps.extract.result.rows[0]`, `params["odd key"]`, `matrix.region`.

/** A path read from `start` on: its segments and where it stopped, or what is wrong with it. */
export type ReadPath =
  | { readonly ok: true; readonly segments: readonly string[]; readonly end: number }
  | { readonly ok: false; readonly problem: string };

const bareKey = /[\p{L}\p{N}_-]+/uy;
const nextBareKey = /\.([\p{L}\p{N}_-]+)/uy;
const index = /\[(0|[1-9][0-9]{0,15})\]/y;
// Bounded, so that a body of megabytes without a closing quote is not gone through for each of its brackets.
const quotedKey = /\[("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})){0,256}")\]/y; // oxlint-disable-line no-control-regex
const SEGMENTS_MAX = 64;

/** A whole text that is to be one path. */
export function parsePath(text: string): ReadPath {
  const read = readPath(text, 0);
  if (!read.ok || read.end === text.length) return read;
  return {
    ok: false,
    problem: `cannot be read from "${text.slice(read.end, read.end + 20)}" on: write ["…"] around a key with other characters`,
  };
}

export function readPath(text: string, start: number): ReadPath {
  const root = matchAt(bareKey, text, start);
  if (!root) return { ok: false, problem: "must begin with steps, params or matrix" };
  const segments = [root[0]];
  let end = start + root[0].length;
  for (let next = segmentAt(text, end); next !== null; next = segmentAt(text, end)) {
    segments.push(next.key);
    end += next.length;
    if (segments.length > SEGMENTS_MAX) return { ok: false, problem: `has more than ${SEGMENTS_MAX} parts` };
  }
  const problem = rootProblem(segments);
  return problem === null ? { ok: true, segments, end } : { ok: false, problem };
}

function segmentAt(text: string, at: number): { key: string; length: number } | null {
  const plain = matchAt(nextBareKey, text, at) ?? matchAt(index, text, at);
  if (plain) return { key: plain[1]!, length: plain[0].length };
  const quoted = matchAt(quotedKey, text, at);
  return quoted && { key: JSON.parse(quoted[1]!) as string, length: quoted[0].length };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function rootProblem([root, name, property]: readonly string[]): string | null {
  if (root === "params") return null;
  if (root === "matrix") return name === undefined ? "needs an axis, as matrix.region" : null;
  if (root !== "steps") return "must begin with steps, params or matrix";
  return name === undefined || property !== "result" ? "must go on as steps.<step>.result" : null;
}
