// Once an attempt has lasted for a while it says every now and then that it lives, and hears whether it is to end.
import type { AttemptClient, BeatAnswer } from "../../../attempt/protocol-client.ts";
import type { LogShipper } from "./log-shipper.ts";
import type { ProgressSoFar } from "./progress-so-far.ts";

/** Shorter attempts never speak with the API: they would pay more for that than for themselves. */
const BEAT_MS = 5000;

interface BeatsOf {
  readonly client: AttemptClient;
  readonly logs: LogShipper;
  readonly progress: ProgressSoFar;
  hear(answer: BeatAnswer): void;
}

export class Beats {
  readonly #of: BeatsOf;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> | null = null;

  constructor(of: BeatsOf) {
    this.#of = of;
    this.#timer = setInterval(() => {
      void of.logs.ship(this.#over.signal);
      this.#beating ??= this.#beat().finally(() => (this.#beating = null));
    }, BEAT_MS);
  }

  /** Whatever is on its way is given up: the answer says it all. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#over.abort();
    await this.#beating;
  }

  async #beat(): Promise<void> {
    const news = this.#of.progress.unsaid;
    try {
      const answer = await this.#of.client.beat(news, this.#over.signal);
      this.#of.progress.isSaid(news);
      this.#of.hear(answer);
    } catch {
      // The next one comes soon, and what nobody hears from for too long is lost.
    }
  }
}
