import { characterBorder } from "./cut.ts";

/** The last bytes of a text that may be endless. */
export class Tail {
  readonly #bytesMax: number;
  #text = "";

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  add(text: string): void {
    this.#text = text.length >= this.#bytesMax ? text.slice(-this.#bytesMax) : this.#text + text;
    // Only now and then, so that each line is not copied again with all that came before it.
    if (this.#text.length > 4 * this.#bytesMax) this.#text = this.#text.slice(-this.#bytesMax);
  }

  text(): string {
    const bytes = Buffer.from(this.#text);
    if (bytes.length <= this.#bytesMax) return this.#text;
    return bytes.toString("utf8", nextCharacter(bytes, bytes.length - this.#bytesMax));
  }
}

function nextCharacter(bytes: Buffer, index: number): number {
  return characterBorder(bytes, index) === index ? index : nextCharacter(bytes, index + 1);
}
