// A server may be restarted while somebody waits: he waits a little longer.
import { setTimeout as wait } from "node:timers/promises";
import { MINUTE, SECOND } from "../../shared/domain/duration.ts";
import { isAway } from "../errors.ts";
import type { Screen } from "../output/screen.ts";

const AGAIN_MS = SECOND;
const PATIENCE_MS = MINUTE;

/** Only for what was reached before: a first request that fails is told at once. */
export class Patience {
  readonly #err: Screen;
  #awaySince: number | null = null;

  constructor(err: Screen) {
    this.#err = err;
  }

  /** Resolves when it is time to ask again. Throws the error if it is of another kind, or has lasted too long. */
  async after(error: unknown): Promise<void> {
    const since = this.#awaySince ?? Date.now();
    if (!isAway(error) || Date.now() - since > PATIENCE_MS) throw error;
    if (this.#awaySince === null) this.#err.line(this.#err.paint.dim("The server is away; waiting for it…"));
    this.#awaySince = since;
    await wait(AGAIN_MS);
  }

  answered(): void {
    this.#awaySince = null;
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await question();
        this.answered();
        return answer;
      } catch (error) {
        await this.after(error);
      }
    }
  }
}
