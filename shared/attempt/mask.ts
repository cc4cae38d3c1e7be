// Keeps the values of secrets out of whatever an attempt says. Everything that an occurrence covers becomes `***`, also where
// two of them overlap.
import { isObject, type Json } from "../domain/json.ts";

const MASK = "***";
/** Lines of a secret with several lines are masked alone too, but not `{` or `}`, which a log is full of. */
const SECRET_LINE_MIN_CHARS = 4;

export class Mask {
  readonly #whole: Needles;
  readonly #inLine: Needles;

  constructor(secrets: readonly string[]) {
    const written = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
    const lines = written.flatMap((secret) => (secret.includes("\n") ? secret.split("\n").map((line) => line.trim()) : []));
    const all = [...written, ...lines.filter((line) => line.length >= SECRET_LINE_MIN_CHARS)];
    this.#whole = needlesOf(all);
    this.#inLine = needlesOf(all.filter((needle) => !needle.includes("\n")));
  }

  text(text: string): string {
    return new MaskStream(this.#whole).push(text, true);
  }

  json(value: Json): Json {
    if (this.#whole.pattern === null) return value;
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.json(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.json(item as Json)]));
  }

  /** For text that comes in pieces, of one stream. Secrets do not reach over the end of a line. */
  stream(): MaskStream {
    return new MaskStream(this.#inLine);
  }
}

interface Needles {
  /** Null = there is nothing to mask. */
  readonly pattern: RegExp | null;
  readonly longest: number;
}

function needlesOf(needles: readonly string[]): Needles {
  const unique = [...new Set(needles)].filter((needle) => needle.length > 0).toSorted((a, b) => b.length - a.length);
  if (unique.length === 0) return { pattern: null, longest: 0 };
  return { pattern: new RegExp(unique.map(escaped).join("|"), "g"), longest: unique[0]!.length };
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Holds back what may be the start of a secret: at most one character less than the longest of them. */
export class MaskStream {
  readonly #needles: Needles;
  #rest = "";
  /** So many characters of the rest are covered already: their mask is out. */
  #covered = 0;

  constructor(needles: Needles) {
    this.#needles = needles;
  }

  /** `final`: a line ends here, so nothing needs to be held back. */
  push(more: string, final = false): string {
    const { pattern, longest } = this.#needles;
    if (pattern === null) return more;
    const text = this.#rest + more;
    // An occurrence that starts before `known` lies in the text in full, whichever of the secrets it is.
    const known = final ? text.length : wholeCharacters(text, Math.max(0, text.length - longest + 1));
    let covered = this.#covered;
    let out = "";
    for (
      let match = matchFrom(pattern, text, 0);
      match !== null && match.index < known;
      match = matchFrom(pattern, text, match.index + 1)
    ) {
      if (match.index >= covered) out += text.slice(covered, match.index) + MASK;
      covered = Math.max(covered, match.index + match[0].length);
    }
    if (covered < known) out += text.slice(covered, known);
    this.#rest = text.slice(known);
    this.#covered = final ? 0 : Math.max(0, covered - known);
    return out;
  }
}

/** Half of a surrogate pair would be no character to whoever encodes it. */
const wholeCharacters = (text: string, end: number): number => (/^[\uDC00-\uDFFF]/.test(text.charAt(end)) && end > 0 ? end - 1 : end);

function matchFrom(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}
