// The files of one attempt of a function. Its folder is made when the first of them is needed: most jobs need none.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { filesOf } from "../attempt/folder.ts";
import { Lines } from "../attempt/lines.ts";
import { encodeBlock, type Stream } from "../attempt/log-format.ts";
import type { Mask } from "../attempt/mask.ts";
import type { Block } from "../attempt/cut.ts";
import type { Json, JsonText } from "../domain/json.ts";

export interface AttemptPlace {
  /** Where its files lie, or would: it may not be there yet. */
  readonly folder: string;
  /** What this attempt or the latest one before it saved; undefined = none did. */
  readCheckpoint(): Promise<JsonText | undefined>;
  /** Stored, and whole, once it resolves. */
  saveCheckpoint(text: JsonText): Promise<void>;
}

export class AttemptFiles {
  readonly #place: AttemptPlace;
  readonly #mask: Mask;
  readonly #lines: { stdout?: Lines; stderr?: Lines } = {};
  #files: ReturnType<typeof filesOf> | null = null;
  #log: number | null = null;
  #isEnded = false;
  #isForgotten = false;

  constructor(place: AttemptPlace, mask: Mask) {
    this.#place = place;
    this.#mask = mask;
  }

  /** Written before this returns: no line is lost whatever happens to the thread next. What is no whole line yet waits. */
  write(stream: Stream, bytes: Uint8Array): void {
    if (this.#isForgotten) return;
    const lines = (this.#lines[stream] ??= new Lines(this.#mask));
    this.#append(stream, this.#isEnded ? [...lines.push(bytes), ...lines.end()] : lines.push(bytes));
  }

  line(stream: Stream, text: string): void {
    this.write(stream, Buffer.from(`${text}\n`));
  }

  /** What comes later is still written, line by line. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const lines = this.#lines[stream];
      if (lines) this.#append(stream, lines.end());
    }
    this.#isEnded = true;
    this.#close();
  }

  /** What comes from now on is dropped. */
  forget(): void {
    this.#isForgotten = true;
  }

  output(path: string): string {
    const normal = normalize(path);
    if (
      path === "" ||
      path.includes("\0") ||
      isAbsolute(path) ||
      path.split(/[\\/]/).includes("..") ||
      normal === "." ||
      path.endsWith("/")
    ) {
      throw new RangeError(`output(${JSON.stringify(path)}): the name of an artifact is a relative path without ".."`);
    }
    const full = join(this.#paths().artifacts, normal);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  }

  /** Where artifacts would lie; makes nothing. */
  get artifacts(): string {
    return this.#paths().artifacts;
  }

  async readCheckpoint(): Promise<Json | undefined> {
    const text = await this.#place.readCheckpoint();
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  }

  async writeCheckpoint(value: Json): Promise<void> {
    const text = JSON.stringify(value) as JsonText | undefined;
    if (text === undefined) throw new TypeError("checkpoint.write: the value cannot be written as JSON");
    await this.#place.saveCheckpoint(text);
  }

  #append(stream: Stream, blocks: readonly Block[]): void {
    if (blocks.length === 0) return;
    const at = Date.now();
    const bytes = Buffer.from(blocks.map((block) => encodeBlock(at, stream, block)).join(""));
    try {
      this.#log ??= this.#openLog();
      for (let done = 0; done < bytes.length;) done += writeSync(this.#log, bytes, done);
    } catch {
      // A full disk must not fail a job that only said something.
    }
    if (this.#isEnded) this.#close();
  }

  #openLog(): number {
    const { log } = this.#paths();
    mkdirSync(dirname(log), { recursive: true });
    return openSync(log, "a");
  }

  #close(): void {
    if (this.#log !== null) closeSync(this.#log);
    this.#log = null;
  }

  #paths(): ReturnType<typeof filesOf> {
    return (this.#files ??= filesOf(this.#place.folder));
  }
}
