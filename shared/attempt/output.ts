// Everything that an attempt writes to stdout and stderr: it goes to the log, and what matters for the outcome is kept.
import type { Json } from "../domain/json.ts";
import type { ProgressNews } from "../domain/progress.ts";
import type { Block } from "./cut.ts";
import { Lines } from "./lines.ts";
import { encodeBlock, type Stream } from "./log-format.ts";
import { Mask } from "./mask.ts";
import { Tail } from "./tail.ts";
import { sayingOf, type Told, type ToldError } from "./told.ts";

const STDOUT_TAIL_BYTES = 32 * 1024;
const STDERR_TAIL_BYTES = 4 * 1024;
const TOLD_RESULTS_BYTES_MAX = 5_000_000;

export interface OutputEnd {
  readonly told: Told;
  readonly stdoutTail: string;
  readonly stderrTail: string;
}

interface Listener {
  /** Called at once with whole records of the log file. */
  log(records: string): void;
  progress(news: ProgressNews): void;
}

export class AttemptOutput {
  readonly #lines: { readonly [S in Stream]: Lines };
  readonly #tails = { stdout: new Tail(STDOUT_TAIL_BYTES), stderr: new Tail(STDERR_TAIL_BYTES) };
  readonly #listener: Listener;
  readonly #results = new Map<string, Json>();
  #resultBytes = 0;
  #error: ToldError | null = null;
  /** The pieces of a long line that says something. */
  #long: string | null = null;
  #isInLongLine = false;

  constructor(secrets: readonly string[], listener: Listener) {
    const mask = new Mask(secrets);
    this.#lines = { stdout: new Lines(mask), stderr: new Lines(mask) };
    this.#listener = listener;
  }

  take(stream: Stream, chunk: Uint8Array): void {
    this.#keep(stream, this.#lines[stream].push(chunk), "\n");
  }

  end(): OutputEnd {
    for (const stream of ["stdout", "stderr"] as const) this.#keep(stream, this.#lines[stream].end(), "");
    const tooLarge = this.#resultBytes > TOLD_RESULTS_BYTES_MAX;
    const results = this.#results.size === 0 ? null : Object.fromEntries(this.#results);
    return {
      told: { results, error: this.#error, ...(tooLarge && { tooLarge }) },
      stdoutTail: this.#tails.stdout.text(),
      stderrTail: this.#tails.stderr.text(),
    };
  }

  #keep(stream: Stream, blocks: readonly Block[], lineEnd: string): void {
    if (blocks.length === 0) return;
    const at = Date.now();
    this.#listener.log(blocks.map((block) => encodeBlock(at, stream, block)).join(""));
    for (const block of blocks) {
      this.#tails[stream].add(block.partial ? block.text : block.text + lineEnd);
      if (stream === "stdout") this.#listen(block);
    }
  }

  /** A block may begin with the end of a line whose first pieces came before. */
  #listen({ text, partial }: Block): void {
    if (!partial && !this.#isInLongLine) return this.#hearAll(text);
    const border = text.indexOf("\n");
    const piece = border < 0 ? text : text.slice(0, border);
    if (!this.#isInLongLine) this.#long = piece.startsWith("::") ? "" : null;
    if (this.#long !== null && this.#long.length <= TOLD_RESULTS_BYTES_MAX) this.#long += piece;
    this.#isInLongLine = partial;
    if (partial) return;
    if (this.#long !== null) this.#hear(this.#long);
    this.#long = null;
    if (border >= 0) this.#hearAll(text.slice(border + 1));
  }

  #hearAll(lines: string): void {
    if (!lines.includes("::")) return;
    for (const line of lines.split("\n")) this.#hear(line);
  }

  #hear(line: string): void {
    const saying = sayingOf(line);
    if (saying === null) return;
    if ("progress" in saying) return this.#listener.progress(saying.progress);
    if ("error" in saying) this.#error = saying.error;
    else {
      this.#resultBytes += saying.result.bytes;
      if (this.#resultBytes <= TOLD_RESULTS_BYTES_MAX) this.#results.set(saying.result.key, saying.result.value);
    }
  }
}
