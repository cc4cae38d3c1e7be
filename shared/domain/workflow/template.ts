// Texts with references in them: "s3://bucket/{params.region}/x". Braces that are meant are doubled.
import { readPath } from "./path.ts";

export type TextPart =
  | { readonly text: string }
  | { readonly path: string; readonly segments: readonly string[] }
  | { readonly path: string; readonly problem: string };

const brace = /[{}]/g;

/** Ends at the first thing that cannot be read. */
export function parseTemplate(template: string): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  while (at < template.length) {
    brace.lastIndex = at;
    const found = brace.exec(template)?.index ?? template.length;
    if (found > at) parts.push({ text: template.slice(at, found) });
    if (found === template.length) break;
    if (template[found] === template[found + 1]) {
      parts.push({ text: template[found]! });
      at = found + 2;
    } else {
      const placeholder = placeholderAt(template, found);
      parts.push(placeholder);
      if ("problem" in placeholder) break;
      at = found + placeholder.path.length + 2;
    }
  }
  return parts;
}

function placeholderAt(template: string, open: number): Exclude<TextPart, { text: string }> {
  const shown = template.slice(open, open + 40);
  if (template[open] === "}") return { path: shown, problem: "has a } without a {: write }} if it is meant" };
  const read = readPath(template, open + 1);
  if (!read.ok) return { path: shown, problem: `${read.problem}, or write {{ if the brace is meant` };
  if (template[read.end] !== "}") return { path: shown, problem: "is not closed by }: write {{ if the brace is meant" };
  return { path: template.slice(open + 1, read.end), segments: read.segments };
}
