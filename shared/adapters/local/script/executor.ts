// Runs scripts as processes of this machine, by way of a small spawner that outlives the server.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { attemptFolder } from "../../../attempt/folder.ts";
import type { JobSpec } from "../../../domain/spec.ts";
import type { Executor, Refusal, Report, Task } from "../../../ports/executor.ts";
import type { Clock } from "../../../ports/platform.ts";
import { killAll, ScriptAttempt } from "./attempt.ts";
import type { SpawnerNews } from "./messages.ts";
import { orderOf, refusalOf, type ScriptRules } from "./order.ts";
import { isAlive } from "./processes.ts";
import { SpawnerLink } from "./spawner-link.ts";
import { readExit, readProcess, watchForEnd } from "./traces.ts";

export interface ScriptOptions extends ScriptRules {
  /** How many scripts run at a time. */
  readonly size: number;
  readonly clock: Clock;
}

export class ScriptExecutor implements Executor {
  readonly name = "process";
  readonly types = ["script"] as const;
  readonly capacity: number;
  readonly #rules: ScriptRules;
  readonly #dataDir: string;
  readonly #clock: Clock;
  readonly #attempts = new Map<string, ScriptAttempt>();
  readonly #watches = new Map<string, () => void>();
  readonly #spawner: SpawnerLink;
  #isClosed = false;

  constructor({ size, clock, ...rules }: ScriptOptions) {
    this.capacity = size;
    this.#clock = clock;
    this.#rules = rules;
    this.#dataDir = rules.dataDir;
    this.#spawner = new SpawnerLink(resolve(rules.dataDir, "cache"), {
      news: (news) => this.#hear(news),
      died: (attemptIds, why) => {
        for (const id of attemptIds) void this.#attempts.get(id)?.lost(`The process that starts scripts ended (${why}).`);
      },
    });
  }

  accepts(spec: JobSpec): Promise<Refusal | null> {
    return refusalOf(spec, this.#rules);
  }

  start(task: Task, report: Report): void {
    if (this.#attempts.has(task.attemptId)) return;
    if (this.#isClosed) return report.ended({ returned: true });
    void this.#spawn(this.#track(task, report), task);
  }

  stop(attemptId: string, { graceMs }: { readonly graceMs: number }): void {
    this.#attempts.get(attemptId)?.stop(graceMs);
  }

  async adopt(task: Task, report: Report): Promise<{ readonly startedAt: number } | false> {
    const folder = this.#folderOf(task);
    if (!existsSync(folder)) return false;
    const spawned = await readProcess(folder);
    // Read after the look at the spawner: it writes the end before it goes.
    const isWatched = spawned !== null && isAlive(spawned.spawner);
    const record = await readExit(folder);
    if (record === null && !isWatched) {
      await killAll(task.attemptId, spawned);
      return false;
    }
    const attempt = this.#track(task, report);
    if (spawned !== null) attempt.adopted(spawned);
    if (record !== null) setImmediate(() => void attempt.ended(record));
    else if (spawned !== null) {
      const gone = (): void => void attempt.lost("The script ended while nobody was there to see how.");
      this.#watches.set(attempt.id, watchForEnd(folder, spawned, { ended: (end) => void attempt.ended(end), gone }));
    }
    return { startedAt: spawned?.startedAt ?? record?.endedAt ?? this.#clock.now() };
  }

  /** Scripts that run go on: what should not was stopped before. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const attempt of this.#attempts.values()) attempt.forget();
    for (const unwatch of this.#watches.values()) unwatch();
    this.#attempts.clear();
    this.#watches.clear();
    await this.#spawner.close();
  }

  #track(task: Task, report: Report): ScriptAttempt {
    const over = (): void => {
      this.#attempts.delete(task.attemptId);
      this.#watches.get(task.attemptId)?.();
      this.#watches.delete(task.attemptId);
    };
    const attempt = new ScriptAttempt(task, report, this.#folderOf(task), this.#clock, over);
    this.#attempts.set(task.attemptId, attempt);
    return attempt;
  }

  async #spawn(attempt: ScriptAttempt, task: Task): Promise<void> {
    try {
      const order = await orderOf(task, this.#rules);
      if (attempt.isStopping) return attempt.end({ stopped: true });
      if (this.#isClosed) return;
      if ("code" in order) return attempt.end({ failure: { code: "process.start_failed", message: order.message, retryable: false } });
      this.#spawner.send(order);
    } catch (error) {
      attempt.end({ lost: `The attempt's folder could not be made: ${(error as Error).message}` });
    }
  }

  #hear(news: SpawnerNews): void {
    const attempt = this.#attempts.get(news.attemptId);
    if (attempt === undefined) return;
    if ("spawned" in news) attempt.spawned(news.spawned);
    else if ("progress" in news) attempt.progress(news.progress);
    else void attempt.ended(news.ended);
  }

  #folderOf({ job, attemptId }: Task): string {
    return attemptFolder(this.#dataDir, job.id, job.attempt, attemptId);
  }
}
