// A job may tell its progress a million times a second: the latest now and then is enough, and the last one always arrives.
import type { Mask } from "../attempt/mask.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import type { ProgressNews } from "../domain/progress.ts";

const EVERY_MS = 100;

export class ProgressTeller {
  readonly #mask: Mask;
  readonly #tell: (news: ProgressNews) => void;
  #latest: ProgressNews | null = null;
  #toldAt = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(mask: Mask, tell: (news: ProgressNews) => void) {
    this.#mask = mask;
    this.#tell = tell;
  }

  /** Throws if the details cannot be written as JSON. */
  tell(percent: number, stage?: string, details?: JsonObject): void {
    if (this.#isOver) return;
    const known = details === undefined ? undefined : (this.#mask.json(JSON.parse(JSON.stringify(details)) as Json) as JsonObject);
    this.#latest = {
      percent: Number(percent),
      stage: stage === undefined ? this.#latest?.stage : this.#mask.text(String(stage)),
      details: known === undefined ? this.#latest?.details : { ...this.#latest?.details, ...known },
    };
    const waitMs = this.#toldAt + EVERY_MS - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  end(): void {
    this.#flush();
    this.#isOver = true;
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#latest === null) return;
    this.#tell(this.#latest);
    this.#toldAt = performance.now();
    this.#latest = null;
  }
}
