// Who waits for something in this process. A signal says "look again", never what there is to see. Where others write too and
// nobody tells us, whoever listens is also told so every `pollMs`.

type Listener = () => void;

export class Signals {
  readonly #ofSubject = new Map<string, Set<Listener>>();
  readonly #ofAnything = new Set<Listener>();
  readonly #ofEnds = new Set<(job: string) => void>();
  readonly #pollMs: number | null;

  constructor(pollMs: number | null = null) {
    this.#pollMs = pollMs;
  }

  /** `subject` is the id of a job, a batch or a run. */
  changed(subject: string): void {
    const listeners = this.#ofSubject.get(subject);
    if (listeners) for (const listener of listeners) listener();
    this.stirred();
  }

  /** A job has ended, by whatever way. */
  ended(job: string): void {
    for (const listener of this.#ofEnds) listener(job);
    this.changed(job);
  }

  listenToEnds(listener: (job: string) => void): () => void {
    this.#ofEnds.add(listener);
    return () => this.#ofEnds.delete(listener);
  }

  /** Something happened somewhere: followers of the feed look again. */
  stirred(): void {
    for (const listener of this.#ofAnything) listener();
  }

  /** Answers how to stop listening. Without a subject: to anything. */
  listen(listener: Listener, subject?: string): () => void {
    const listeners = subject === undefined ? this.#ofAnything : (this.#ofSubject.get(subject) ?? new Set());
    if (subject !== undefined) this.#ofSubject.set(subject, listeners);
    listeners.add(listener);
    const poll = this.#pollMs === null ? undefined : setInterval(listener, this.#pollMs);
    return () => {
      clearInterval(poll);
      listeners.delete(listener);
      if (subject !== undefined && listeners.size === 0) this.#ofSubject.delete(subject);
    };
  }

  /** Looks, and looks again at each signal, until `look` finds something or the time is over: then the last look counts. */
  async until<T>(subject: string, timeoutMs: number, look: () => Promise<{ done: boolean; seen: T }>): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = this.listen(resolve, subject);
      const timer = setTimeout(resolve, Math.max(0, end - performance.now()));
      try {
        const { done, seen } = await look();
        if (done || performance.now() >= end) return seen;
        await promise;
      } finally {
        stop();
        clearTimeout(timer);
      }
    }
  }
}
