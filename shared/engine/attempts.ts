// The attempts that this process has in hand, from the grant to the settled end.
import type { Job } from "../domain/job.ts";
import type { Progress } from "../domain/progress.ts";
import type { JobSpec } from "../domain/spec.ts";
import type { Executor } from "../ports/executor.ts";

export interface Live {
  /** As last written by this process; somebody else may have written since. */
  job: Job;
  readonly attemptId: string;
  readonly executor: Executor;
  readonly spec: JobSpec;
  startedAt: number | null;
  isShown: boolean;
  isOver: boolean;
  /** Why it is being stopped, if it is: decides what its end is called. */
  stopping: "timeout" | "deadline" | "wish" | null;
  progress: Progress | null;
  readonly timers: (() => void)[];
}

export class Attempts {
  readonly #live = new Map<string, Live>();
  readonly #ofJob = new Map<string, Live>();
  readonly #held = new Map<Executor, number>();
  #working = 0;
  #whenDone: (() => void)[] = [];
  #idle: (() => void)[] = [];

  add(live: Live): void {
    this.#live.set(live.attemptId, live);
    this.#ofJob.set(live.job.id, live);
    this.#held.set(live.executor, this.held(live.executor) + 1);
  }

  /** Its place in the executor is free, though its end is not written yet. */
  letGo(live: Live): void {
    this.#held.set(live.executor, this.held(live.executor) - 1);
  }

  remove(live: Live): void {
    this.#live.delete(live.attemptId);
    if (this.#ofJob.get(live.job.id) === live) this.#ofJob.delete(live.job.id);
    if (this.#live.size === 0) this.#tellIdle();
  }

  held = (executor: Executor): number => this.#held.get(executor) ?? 0;
  ofJob = (job: string): Live | undefined => this.#ofJob.get(job);
  has = (attemptId: string): boolean => this.#live.has(attemptId);
  get size(): number {
    return this.#live.size;
  }
  all = (): Live[] => [...this.#live.values()];

  /** Work that goes on after its caller was answered; a closing engine waits for it. */
  background(work: Promise<unknown>): void {
    void this.#watch(work);
  }

  async #watch(work: Promise<unknown>): Promise<void> {
    this.#working++;
    try {
      await work;
    } catch (error) {
      console.error("switchyard: background work failed:", error);
    }
    if (--this.#working === 0) for (const resolve of this.#whenDone.splice(0)) resolve();
  }

  settled(): Promise<void> {
    return this.#working === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenDone.push(resolve));
  }

  /** Resolves when nothing is in hand. */
  idle(): Promise<void> {
    return this.#live.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
