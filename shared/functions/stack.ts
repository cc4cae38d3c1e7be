// Stacks that show the lines of the job's sources, not of its bundle. The map is read when something was thrown, not before.
import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const maps = new Map<string, SourceMap | null>();
const framePattern = /file:\/\/[^\s()]+\.mjs:\d+:\d+/g;
/** Frames of whatever called the job say nothing to its author: of our folder, or of the one file that it was all bundled into. */
const own = /\/stack\.[jt]s$/.test(import.meta.url) ? new URL("..", import.meta.url).href : `${import.meta.url}:`;
const ownFrames = new RegExp(`^\\s+at .*${own.replaceAll(/[.\\+*?^$()[\]{}|]/g, "\\$&")}`);

export function readableStack(error: Error, depth = 0): string {
  const text = String(error.stack)
    .split("\n")
    .filter((line) => !ownFrames.test(line) && !line.includes(" (node:internal/"))
    .join("\n")
    .replaceAll(framePattern, sourceFrame);
  const { cause } = error;
  return cause instanceof Error && depth < 5 ? `${text}\n[cause]: ${readableStack(cause, depth + 1)}` : text;
}

function sourceFrame(frame: string): string {
  const [, url, line, column] = /^(.*):(\d+):(\d+)$/.exec(frame) ?? [];
  if (url === undefined) return frame;
  const found = mapOf(url)?.findOrigin(Number(line), Number(column));
  if (!found || !("fileName" in found)) return frame;
  return `${resolve(dirname(fileURLToPath(url)), found.fileName)}:${found.lineNumber}:${found.columnNumber}`;
}

function mapOf(url: string): SourceMap | null {
  const known = maps.get(url);
  if (known !== undefined) return known;
  const map = readMap(`${fileURLToPath(url)}.map`);
  maps.set(url, map);
  return map;
}

function readMap(path: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(path, "utf8")) as SourceMapPayload);
  } catch {
    return null;
  }
}
