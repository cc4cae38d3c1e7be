// Where in a file that only grows its lines begin: one place a megabyte, and where the last reader stopped. So following costs
// what is new, and a page anywhere costs a megabyte.
import type { FileHandle } from "node:fs/promises";

interface Place {
  /** So many lines end before the offset. */
  readonly line: number;
  readonly offset: number;
}

const CHUNK_BYTES = 256 * 1024;
const MARK_EVERY_BYTES = 1024 * 1024;
const NEWLINE = 10;

export class LineIndex {
  /** Ascending. */
  readonly #marks: Place[] = [{ line: 0, offset: 0 }];
  #stopped: Place = { line: 0, offset: 0 };

  /** How many lines have ended. */
  async count(file: FileHandle): Promise<number> {
    return (await this.#walk(file, this.#last(), Infinity)).line;
  }

  /** Whole lines only: what is being written is not there yet. */
  async read(file: FileHandle, { after, limit, bytesMax }: { after: number; limit: number; bytesMax: number }) {
    const records: string[] = [];
    const start = await this.#walk(file, this.#before(after), after);
    if (start.line < after) return { records, bytes: 0, more: false };
    let { offset } = start;
    let pending = Buffer.alloc(0);
    let bytes = 0;
    for (;;) {
      const chunk = await readChunk(file, offset + pending.length);
      const text = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let from = 0;
      for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, from)) {
        // One line is given in any case, or a reader would never get past it.
        if (records.length >= limit || (records.length > 0 && bytes >= bytesMax)) {
          this.#stopped = { line: after + records.length, offset: offset + from };
          return { records, bytes, more: true };
        }
        records.push(text.toString("utf8", from, end));
        bytes += end - from;
        from = end + 1;
      }
      offset += from;
      pending = Buffer.from(text.subarray(from));
      if (chunk.length === 0) break;
    }
    this.#stopped = { line: after + records.length, offset };
    return { records, bytes, more: false };
  }

  /** To the beginning of a line, or to the last one that has begun. */
  async #walk(file: FileHandle, from: Place, line: number): Promise<Place> {
    let place = from;
    let position = from.offset;
    while (place.line < line) {
      const chunk = await readChunk(file, position);
      if (chunk.length === 0) break;
      let at = place;
      for (let index = 0; index < chunk.length && at.line < line; index++) {
        if (chunk[index] === NEWLINE) at = { line: at.line + 1, offset: position + index + 1 };
      }
      place = at;
      position += chunk.length;
      this.#mark(place);
    }
    return place;
  }

  #mark(place: Place): void {
    const isFar = place.offset >= this.#last().offset + MARK_EVERY_BYTES;
    if (isFar) this.#marks.push(place);
  }

  #last(): Place {
    return this.#marks.at(-1)!;
  }

  #before(line: number): Place {
    if (this.#stopped.line === line) return this.#stopped;
    let [low, high] = [0, this.#marks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#marks[middle]!.line <= line) low = middle;
      else high = middle - 1;
    }
    return this.#marks[low]!;
  }
}

async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}
