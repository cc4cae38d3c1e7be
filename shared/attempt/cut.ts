// Text as the log keeps it: runs of whole lines, and pieces of lines that are too long for one record.
import { LOG_LINE_MAX_BYTES } from "../domain/log.ts";

/** One line, or several with "\n" between them; or a piece of a line that goes on in the next block. */
export interface Block {
  readonly text: string;
  readonly partial: boolean;
}

const isLong = (text: string): boolean => text.length * 3 > LOG_LINE_MAX_BYTES && Buffer.byteLength(text) > LOG_LINE_MAX_BYTES;

/** Whole lines, without the last "\n". Halving finds the few long ones without a look at each of a million short ones. */
export function blocksOf(lines: string): Block[] {
  if (!isLong(lines)) return [{ text: lines, partial: false }];
  const middle = lines.length >> 1;
  const after = lines.indexOf("\n", middle);
  const border = after < 0 ? lines.lastIndexOf("\n", middle) : after;
  if (border >= 0) return [...blocksOf(lines.slice(0, border)), ...blocksOf(lines.slice(border + 1))];
  const { pieces, rest } = cutLong(lines);
  return [...pieces, { text: rest, partial: false }];
}

/** Cuts off full pieces of a line that may not have ended yet. A "\r" at the end may belong to its end, so it cannot fill a piece. */
export function cutLong(line: string): { readonly pieces: Block[]; readonly rest: string } {
  const pieces: Block[] = [];
  if (!isLong(line)) return { pieces, rest: line };
  const bytes = Buffer.from(line);
  const length = line.endsWith("\r") ? bytes.length - 1 : bytes.length;
  let start = 0;
  while (length - start > LOG_LINE_MAX_BYTES) {
    const end = characterBorder(bytes, start + LOG_LINE_MAX_BYTES);
    pieces.push({ text: bytes.toString("utf8", start, end), partial: true });
    start = end;
  }
  return { pieces, rest: bytes.toString("utf8", start) };
}

/** The last place at or before `index` where a character of UTF-8 begins. */
export function characterBorder(bytes: Buffer, index: number): number {
  let border = index;
  while (border > 0 && (bytes[border]! & 0xc0) === 0x80) border--;
  return border;
}

/** Windows' ends of lines lose their "\r". */
export const withoutReturns = (lines: string): string => (lines.includes("\r") ? lines.replaceAll(/\r(?=\n|$)/g, "") : lines);
