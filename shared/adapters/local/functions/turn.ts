// In the server: one attempt of a function, from its turn to the report of its end.
import type { Outcome } from "../../../domain/attempt.ts";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { Report, Task } from "../../../ports/executor.ts";
import type { Host } from "./host.ts";
import type { BundledFunction } from "./info.ts";

export class Turn {
  readonly task: Task;
  readonly info: BundledFunction;
  readonly since = performance.now();
  /** Null = it waits for one. */
  host: Host | null = null;
  ticket = 0;
  /** Told by the host that dies now: reported once it is gone. */
  fate: Outcome | null = null;
  /** When the grace of a stop is over; null = nobody asked for a stop. */
  killAt: number | null = null;
  callOffKill: (() => void) | null = null;
  #report: Report | null;
  #hasStarted = false;

  constructor(task: Task, info: BundledFunction, report: Report) {
    this.task = task;
    this.info = info;
    this.#report = report;
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  get isStopping(): boolean {
    return this.killAt !== null;
  }

  started(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#report?.started();
  }

  progress(news: ProgressNews): void {
    this.started();
    this.#report?.progress(news);
  }

  /** It ran, and nothing of it is left. */
  ran(outcome: Outcome): void {
    this.started();
    this.end(this.isStopping ? { stopped: true } : outcome);
  }

  end(outcome: Outcome): void {
    const report = this.#report;
    this.forget();
    report?.ended(outcome);
  }

  /** Nothing more is reported. */
  forget(): void {
    this.callOffKill?.();
    this.callOffKill = null;
    this.#report = null;
  }
}
