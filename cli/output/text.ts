// Text for terminals: what it is wide, how it is cut, and what must not reach it.
import { stripVTControlCharacters } from "node:util";

const segmenter = new Intl.Segmenter();
const plain = /^[\x20-\x7e]*$/;
const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const empty = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Also those that reverse the order of what follows: a name could pretend to be another. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unsafe = /[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]+/g;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const colour = /(\u001B\[[\d;:]*m)/;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unsafeInLog = /[\u0000-\u0008\u000A-\u001F\u007F-\u009F]+/g;

/** One line without control characters: for names, messages and whatever else users said. */
export const clean = (text: string): string => (plain.test(text) ? text : stripVTControlCharacters(text).replaceAll(unsafe, " "));

/** A log line may be coloured, but not move the cursor, ring or rename the window. */
export function cleanLog(text: string, keepsColour: boolean): string {
  if (plain.test(text)) return text;
  const parts = text
    .split(colour)
    .map((part) => (colour.test(part) ? (keepsColour ? part : "") : stripVTControlCharacters(part).replaceAll(unsafeInLog, "")));
  return keepsColour && parts.length > 1 ? `${parts.join("")}\u001B[0m` : parts.join("");
}

/** Cells that a terminal needs for it; colours need none. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  let cells = 0;
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) cells += cellsOf(segment);
  return cells;
}

const cellsOf = (segment: string): number => (empty.test(segment) ? 0 : wide.test(segment) ? 2 : 1);

/** Of text without colours. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return "";
  let [kept, cells] = ["", 0];
  for (const { segment } of segmenter.segment(text)) {
    cells += cellsOf(segment);
    if (cells > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Of text with colours, which take no room and are all kept: what was begun is ended. */
export function cutPainted(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let room = width;
  return text
    .split(colour)
    .map((part) => {
      if (colour.test(part)) return part;
      const short = cut(part, room);
      room = short === part ? room - widthOf(part) : 0;
      return short;
    })
    .join("");
}

export const pad = (text: string, width: number, align: "left" | "right" = "left"): string => {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + space : space + text;
};
