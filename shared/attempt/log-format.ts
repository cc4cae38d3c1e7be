// The log file of an attempt: a record a line, `<at in base 36> <o|e|O|E> <text>`. Upper case: the line goes on in the next
// record of its stream. Whoever reads leaves out what comes after the last "\n": a record that is not there in full yet.
import type { LogLine } from "../domain/log.ts";
import { blocksOf, withoutReturns, type Block } from "./cut.ts";

export type Stream = LogLine["stream"];
export type LogRecord = Pick<LogLine, "at" | "stream" | "text" | "partial">;

export function encodeBlock(at: number, stream: Stream, block: Block): string {
  const small = stream === "stdout" ? "o" : "e";
  const prefix = `${at.toString(36)} ${block.partial ? small.toUpperCase() : small} `;
  return `${prefix}${block.text.includes("\n") ? block.text.replaceAll("\n", `\n${prefix}`) : block.text}\n`;
}

/** For writers that have text, not bytes: one record or several for its lines. An end of line at its end is not needed. */
export function encodeLines(at: number, stream: Stream, text: string): string {
  const lines = withoutReturns(text.endsWith("\n") ? text.slice(0, -1) : text);
  return blocksOf(lines)
    .map((block) => encodeBlock(at, stream, block))
    .join("");
}

const recordPattern = /^([0-9a-z]{1,10}) ([oeOE]) (.*)$/s;

/** `record` is without its "\n". What is no record, as after a disk error, is shown as it is. */
export function parseRecord(record: string): LogRecord {
  const [, at, mark, text] = recordPattern.exec(record) ?? [];
  if (at === undefined || mark === undefined || text === undefined) return { at: 0, stream: "stdout", text: record };
  const whole: LogRecord = { at: parseInt(at, 36), stream: mark.toLowerCase() === "o" ? "stdout" : "stderr", text };
  return mark === "O" || mark === "E" ? { ...whole, partial: true } : whole;
}
