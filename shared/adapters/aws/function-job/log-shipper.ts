// Brings the log that the function's thread writes to the API while it grows, and keeps the end of it for the answer.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { nullIfAbsent } from "../../../attempt/absent.ts";
import { ANSWER_LOG_BYTES_MAX, type FunctionAnswer } from "../../../attempt/function-call.ts";
import type { AttemptClient } from "../../../attempt/protocol-client.ts";

/** Of the log file. As JSON, where each escape sequence of a colour takes six bytes more, it is still what the API takes. */
const CHUNK_BYTES_MAX = 512 * 1024;
const NEW_LINE = 0x0a;

type LogTail = NonNullable<FunctionAnswer["logs"]>;

export class LogShipper {
  readonly #path: string;
  readonly #client: AttemptClient;
  /** Null = nothing has been written yet. */
  #file: number | null = null;
  /** Bytes and lines that the API has. */
  #bytes = 0;
  #lines = 0;
  #shipping: Promise<void> = Promise.resolve();

  constructor(path: string, client: AttemptClient) {
    this.#path = path;
    this.#client = client;
  }

  /** All that there is. What cannot be shipped now is shipped later. */
  ship(signal: AbortSignal): Promise<void> {
    this.#shipping = this.#shipping.then(() => this.#shipUpTo(Infinity, signal)).catch(() => undefined);
    return this.#shipping;
  }

  /** After the end: what is left for the answer. Before that go, as far as they can be shipped, those lines that it has no room for. */
  async finish(signal: AbortSignal): Promise<LogTail | null> {
    await this.#shipping;
    const { start, records } = this.#tail();
    await this.#shipUpTo(start, signal).catch((error: unknown) => this.#giveUp(start, error));
    return records === "" ? null : { from: this.#lines, records };
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  async #shipUpTo(end: number, signal: AbortSignal): Promise<void> {
    for (let chunk = this.#next(end); chunk.length > 0; chunk = this.#next(end)) {
      await this.#client.logs(this.#lines, chunk.toString(), signal);
      this.#pass(chunk);
    }
  }

  /** These lines are lost, which the Lambda's own log tells, but the numbers of the later ones stay right. */
  #giveUp(end: number, why: unknown): void {
    const first = this.#lines;
    for (let chunk = this.#next(end); chunk.length > 0; chunk = this.#next(end)) this.#pass(chunk);
    console.error(`switchyard: lines ${first + 1} to ${this.#lines} of an attempt's log could not be shipped:`, why);
  }

  /** Whole records: each ends in a new line, and none is nearly as long as a chunk. */
  #next(end: number): Buffer {
    const chunk = this.#read(this.#bytes, Math.min(CHUNK_BYTES_MAX, end - this.#bytes));
    return chunk.subarray(0, chunk.lastIndexOf(NEW_LINE) + 1);
  }

  #pass(chunk: Buffer): void {
    this.#bytes += chunk.length;
    for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, at + 1)) this.#lines++;
  }

  /** The last records that have room in the answer, which is JSON. What comes after the last new line is no whole record. */
  #tail(): { readonly start: number; readonly records: string } {
    const size = this.#open() === null ? 0 : fstatSync(this.#file!).size;
    const near = Math.max(this.#bytes, size - ANSWER_LOG_BYTES_MAX - 1);
    const bytes = this.#read(near, size - near);
    const end = bytes.lastIndexOf(NEW_LINE) + 1;
    const all = bytes.toString("utf8", near > this.#bytes ? bytes.indexOf(NEW_LINE) + 1 : 0, end).split("\n").slice(0, -1); // prettier-ignore
    let room = ANSWER_LOG_BYTES_MAX - '""'.length;
    // A record's own quotes count for the new line, which becomes two characters.
    const first = all.findLastIndex((record) => (room -= Buffer.byteLength(JSON.stringify(record))) < 0) + 1;
    const records = all.slice(first).map((record) => `${record}\n`).join(""); // prettier-ignore
    return { start: near + end - Buffer.byteLength(records), records };
  }

  #open(): number | null {
    try {
      return (this.#file ??= openSync(this.#path, "r"));
    } catch (error) {
      return nullIfAbsent(error);
    }
  }

  #read(from: number, length: number): Buffer {
    const file = this.#open();
    if (file === null || length <= 0) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(Math.min(length, CHUNK_BYTES_MAX));
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, from));
  }
}
