// Ends an attempt that is to end: its signal first, its thread after the grace. The first reason is what its end is called.
import type { FunctionCall } from "../../../attempt/function-call.ts";
import type { Outcome } from "../../../domain/attempt.ts";
import { timeUp } from "../../../domain/time-up.ts";
import type { JobThread } from "./job-thread.ts";
import type { Limits } from "./limits.ts";

/** `orphaned`: another attempt may run already, so this one has no grace. */
export type StopReason = "time" | "cancel" | "orphaned";

/** A thread that native code keeps alive is not waited for any longer. Lambda halts it once the answer is there. */
const ABANDON_MS = 1000;

export class Stopper {
  readonly #thread: JobThread;
  readonly #call: FunctionCall;
  readonly #beganAt = performance.now();
  readonly #killMs: number;
  readonly #timers: NodeJS.Timeout[] = [];
  #reason: StopReason | null = null;
  #isOver = false;

  constructor(thread: JobThread, call: FunctionCall, { stopMs, killMs }: Limits) {
    this.#thread = thread;
    this.#call = call;
    this.#killMs = killMs;
    this.#in(stopMs, () => this.stop("time"));
    this.#in(killMs, () => this.#kill());
  }

  get reason(): StopReason | null {
    return this.#reason;
  }

  stop(reason: StopReason): void {
    if (this.#isOver || (this.#reason !== null && reason !== "orphaned")) return;
    this.#reason ??= reason;
    this.#thread.stop(this.#call.attemptId);
    const graceMs = reason === "orphaned" ? 0 : this.#call.killGraceMs;
    const leftMs = this.#killMs - (performance.now() - this.#beganAt);
    if (graceMs < leftMs) this.#in(graceMs, () => this.#kill());
  }

  /** What was stopped is called by the reason why, whatever it made of its grace. */
  named(outcome: Outcome | null): Outcome {
    if (this.#reason === "time") return { failure: timeUp(this.#call.timeoutCode, performance.now() - this.#beganAt) };
    if (this.#reason !== null) return { stopped: true };
    return outcome ?? { lost: "Its thread could not be ended." };
  }

  /** Nothing of the attempt runs any more: whoever asks for its end is too late. */
  end(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #kill(): void {
    this.#thread.kill();
    this.#in(ABANDON_MS, () => this.#thread.abandon());
  }

  #in(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms));
  }
}
