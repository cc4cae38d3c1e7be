// Bytes of one stream become masked lines, wherever the chunks and the characters in them happen to be cut.
import { blocksOf, cutLong, withoutReturns, type Block } from "./cut.ts";
import type { Mask, MaskStream } from "./mask.ts";

export class Lines {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #mask: MaskStream;
  /** The line that has not ended; never much longer than a record may be. */
  #open = "";

  constructor(mask: Mask) {
    this.#mask = mask.stream();
  }

  push(chunk: Uint8Array): Block[] {
    return this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  /** What came after the last end of a line. */
  end(): Block[] {
    const blocks = this.#take(this.#decoder.decode());
    const last = withoutReturns(this.#open + this.#mask.push("", true));
    this.#open = "";
    return last === "" ? blocks : [...blocks, ...blocksOf(last)];
  }

  #take(text: string): Block[] {
    const end = text.lastIndexOf("\n");
    const blocks = end < 0 ? [] : blocksOf(withoutReturns(this.#open + this.#mask.push(text.slice(0, end), true)));
    const open = this.#mask.push(text.slice(end + 1));
    const { pieces, rest } = cutLong(end < 0 ? this.#open + open : open);
    this.#open = rest;
    return pieces.length === 0 ? blocks : [...blocks, ...pieces];
  }
}
