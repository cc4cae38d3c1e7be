// In the server: one attempt of a script, from its spawn to the report of its end.
import { setTimeout as wait } from "node:timers/promises";
import { harvest } from "../../../attempt/harvest.ts";
import type { Outcome } from "../../../domain/attempt.ts";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { Report, Task } from "../../../ports/executor.ts";
import type { Clock } from "../../../ports/platform.ts";
import type { ExitRecord, SpawnedProcess } from "./messages.ts";
import { signalGroup, sweep } from "./processes.ts";
import { readExit, readProcess } from "./traces.ts";
import { workingDirOf } from "./working-dir.ts";

/** After the kill the spawner writes the end. Does it not, then it is stuck. */
const ANSWER_MS = 2000;
/** Ten seconds each: a process within the kernel, as on a dead network disk, dies when that lets it go. */
const SWEEPS_MAX = 6;

export class ScriptAttempt {
  readonly id: string;
  readonly folder: string;
  readonly #task: Task;
  readonly #report: Report;
  readonly #clock: Clock;
  readonly #onOver: () => void;
  readonly #over = new AbortController();
  #process: SpawnedProcess | null = null;
  /** When the grace of a stop is over; null = nobody asked for a stop. */
  #killAt: number | null = null;
  #callOffKill: (() => void) | null = null;
  /** The process ended: what follows is reading back what it left. */
  #isSettling = false;

  constructor(task: Task, report: Report, folder: string, clock: Clock, onOver: () => void) {
    this.id = task.attemptId;
    this.folder = folder;
    this.#task = task;
    this.#report = report;
    this.#clock = clock;
    this.#onOver = onOver;
  }

  get isStopping(): boolean {
    return this.#killAt !== null;
  }

  spawned(process: SpawnedProcess): void {
    this.adopted(process);
    this.#report.started();
  }

  adopted(process: SpawnedProcess): void {
    this.#process = process;
    if (this.isStopping) this.#terminate();
  }

  progress(news: ProgressNews): void {
    if (!this.#over.signal.aborted) this.#report.progress(news);
  }

  stop(graceMs: number): void {
    const killAt = this.#clock.now() + graceMs;
    if (this.#isSettling || (this.#killAt !== null && this.#killAt <= killAt)) return;
    this.#killAt = killAt;
    this.#terminate();
  }

  /** Nothing is left of its processes. */
  async ended(record: ExitRecord): Promise<void> {
    if (this.#isSettling) return;
    this.#isSettling = true;
    if (this.isStopping) return this.end({ stopped: true, ...(record.exitCode !== null && { exitCode: record.exitCode }) });
    const { spec, secrets } = this.#task;
    const workingDir = workingDirOf(this.folder, spec.workingDir);
    const outcome = await harvest({ folder: this.folder, workingDir, outputFiles: spec.outputFiles ?? [], secrets, end: record }).catch(
      (error: Error): Outcome => ({ lost: `What the script left could not be read back: ${error.message}` }),
    );
    this.end(outcome);
  }

  /** Nobody will tell its end. Its processes may still run: not for long. */
  async lost(why: string): Promise<void> {
    const record = await readExit(this.folder);
    if (record !== null) return this.ended(record);
    await killAll(this.id, this.#process ?? (await readProcess(this.folder)));
    this.end(this.isStopping ? { stopped: true } : { lost: why });
  }

  end(outcome: Outcome): void {
    if (this.#over.signal.aborted) return;
    this.forget();
    this.#onOver();
    this.#report.ended(outcome);
  }

  /** The server closes: nothing more is reported, whatever the script does. */
  forget(): void {
    this.#over.abort();
    this.#callOffKill?.();
  }

  #terminate(): void {
    if (this.#process === null || this.#killAt === null) return;
    signalGroup(this.#process, "SIGTERM");
    // One that is frozen would get it only once somebody lets it go on.
    signalGroup(this.#process, "SIGCONT");
    this.#callOffKill?.();
    this.#callOffKill = this.#clock.at(this.#killAt, () => void this.#kill());
  }

  async #kill(): Promise<void> {
    await killAll(this.id, this.#process);
    const timeUp = await wait(ANSWER_MS, true, { signal: this.#over.signal }).catch(() => false);
    if (timeUp && !this.#isSettling) this.end({ stopped: true });
  }
}

export async function killAll(attemptId: string, process: SpawnedProcess | null): Promise<void> {
  if (process !== null) signalGroup(process, "SIGKILL");
  for (let sweeps = 0; sweeps < SWEEPS_MAX; sweeps++) {
    if (await sweep(attemptId, process)) return;
  }
}
