// What an attempt told of its progress, all in all, and how much of it the API knows.
import type { ProgressNews } from "../../../domain/progress.ts";

/** What the API takes, and what the state machine has room for beside the rest of the answer. */
const STAGE_CHARS_MAX = 1000;
const DETAILS_CHARS_MAX = 16 * 1024;

export class ProgressSoFar {
  #all: ProgressNews | null = null;
  #known: ProgressNews | null = null;

  /** Null = the API knows all of it. */
  get unsaid(): ProgressNews | null {
    return this.#all === this.#known ? null : this.#all;
  }

  /** Details that are too large are left out. */
  tell({ percent, stage, details }: ProgressNews): void {
    const all = { ...this.#all?.details, ...details };
    const isKept = details !== undefined && JSON.stringify(all).length <= DETAILS_CHARS_MAX;
    this.#all = {
      percent: Number.isFinite(percent) ? percent : 0,
      stage: stage?.slice(0, STAGE_CHARS_MAX) ?? this.#all?.stage,
      details: isKept ? all : this.#all?.details,
    };
  }

  /** `news`: what `unsaid` was when it was sent. */
  isSaid(news: ProgressNews | null): void {
    this.#known = news ?? this.#known;
  }
}
