// Runs functions of the jobs folder in threads of the server or in child processes. Each has a few calls at hand, so that neither
// it nor the pool waits for a message, let alone for the disk.
import { availableParallelism } from "node:os";
import { inheritedEnvironment } from "../../../attempt/environment.ts";
import type { JobSpec } from "../../../domain/spec.ts";
import { deathOf, type Gone } from "../../../functions/death.ts";
import type { Executor, Refusal, Report, Task } from "../../../ports/executor.ts";
import type { Clock } from "../../../ports/platform.ts";
import type { Host } from "./host.ts";
import type { BundledFunctions } from "./info.ts";
import type { FromHost } from "./messages.ts";
import { kindOf, Pool } from "./pool.ts";
import { Prefetch } from "./prefetch.ts";
import { Turn } from "./turn.ts";
import { functionGone, unknownFunction } from "./unknown.ts";

export interface FunctionOptions {
  readonly dataDir: string;
  readonly registry: BundledFunctions;
  /** How many functions run at a time; default: the cores, at least 2. */
  readonly size?: number;
  /** How many turns are held at most beyond those that run; default 48. */
  readonly prefetchMax?: number;
  /** JavaScript heap of each thread or process in MB; default 512. Buffers are not counted. */
  readonly heapMb?: number;
  /** Names of variables of the server that functions may see. */
  readonly inheritEnv?: readonly string[];
  readonly clock: Clock;
}

/** After this long a turn that did not begin goes back into its lane: the jobs in front turned out to be long. */
const GIVE_BACK_MS = 50;
/** A thread that answered before takes its next call at once, unless what an earlier job left in it keeps it busy. */
const STUCK_MS = 1000;
/** How soon a start is seen that no answer tells of. */
const LOOK_MS = 2;
const MORE_MEMORY = "`executors.node.heapMb` in the server's config raises it.";

export class FunctionExecutor implements Executor {
  readonly name = "node";
  readonly types = ["function"] as const;
  readonly #registry: BundledFunctions;
  readonly #clock: Clock;
  readonly #size: number;
  readonly #prefetch: Prefetch;
  readonly #pool: Pool;
  readonly #turns = new Map<string, Turn>();
  #waiting: Turn[] = [];
  #isPlanned = false;
  #giveBackTimer: NodeJS.Timeout | null = null;
  #lookTimer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor({ dataDir, registry, clock, size, prefetchMax, heapMb, inheritEnv }: FunctionOptions) {
    this.#registry = registry;
    this.#clock = clock;
    this.#size = size ?? Math.max(2, availableParallelism());
    this.#prefetch = new Prefetch(this.#size, prefetchMax ?? 48);
    const env = inheritedEnvironment(process.env, inheritEnv ?? []);
    this.#pool = new Pool({ dataDir, size: this.#size, heapMb: heapMb ?? 512, env }, {
      heard: (host, news) => this.#hear(host, news),
      gone: (host, gone) => this.#gone(host, gone),
      hasRoom: () => this.#plan(),
    }); // prettier-ignore
  }

  get capacity(): number {
    return this.#size + this.#prefetch.turns;
  }

  accepts(spec: JobSpec): Refusal | null {
    return unknownFunction(spec, this.#registry);
  }

  start(task: Task, report: Report): void {
    if (this.#turns.has(task.attemptId)) return;
    if (this.#isClosed) return report.ended({ returned: true });
    const info = this.#registry.get(task.spec.function ?? "");
    if (info === undefined) return report.ended(functionGone(task.spec));
    const turn = new Turn(task, info, report);
    this.#turns.set(task.attemptId, turn);
    this.#waiting.push(turn);
    this.#plan();
  }

  stop(attemptId: string, { graceMs }: { readonly graceMs: number }): void {
    const turn = this.#turns.get(attemptId);
    if (turn === undefined) return;
    if (this.#takeBack(turn)) {
      this.#turns.delete(attemptId);
      turn.end({ stopped: true });
      return this.#plan();
    }
    const killAt = this.#clock.now() + graceMs;
    if (turn.killAt !== null && turn.killAt <= killAt) return;
    turn.callOffKill?.();
    turn.killAt = killAt;
    turn.host?.stop(turn);
    turn.callOffKill = this.#clock.at(killAt, () => turn.host && this.#kill(turn.host));
  }

  /** Threads end with the server, and processes end themselves when it is gone. */
  adopt(): Promise<false> {
    return Promise.resolve(false);
  }

  /** What runs is killed, and nothing more is reported: what should end well was stopped before. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of [this.#giveBackTimer, this.#lookTimer]) if (timer !== null) clearTimeout(timer);
    for (const turn of this.#turns.values()) turn.forget();
    this.#turns.clear();
    this.#waiting = [];
    await this.#pool.close();
  }

  /** Turns that were granted together are sent together. */
  #plan(): void {
    if (this.#isPlanned || this.#isClosed) return;
    this.#isPlanned = true;
    queueMicrotask(() => this.#dispatch());
  }

  #dispatch(): void {
    this.#isPlanned = false;
    if (this.#isClosed) return;
    // In order: behind calls of a function that never pauses, another function's turn would wait for ever.
    const placed = this.#waiting.findIndex((turn) => {
      const host = this.#pool.hostFor(turn.info);
      host?.give(turn);
      return host === null;
    });
    this.#waiting = placed < 0 ? [] : this.#waiting.slice(placed);
    let isHeld = this.#waiting.length > 0;
    for (const host of this.#pool.hosts) {
      host.send();
      if (host.turns.length > 0 && !host.turns.at(-1)!.hasStarted) isHeld = true;
    }
    if (!isHeld) return;
    this.#giveBackTimer ??= setTimeout(() => this.#giveBack(), GIVE_BACK_MS);
    this.#lookTimer ??= setTimeout(() => this.#look(), LOOK_MS);
  }

  #hear(host: Host, news: FromHost): void {
    if ("stray" in news) return this.#strayed(host, news.stray);
    const turn = "begun" in news ? host.turns[0] : this.#turns.get(news.attemptId);
    if (turn === undefined || turn.host !== host) return;
    if ("begun" in news) return turn.started();
    if ("progress" in news) return turn.progress(news.progress);
    host.hasAnswered = true;
    this.#prefetch.jobTook(kindOf(turn.info) === "process" ? Math.max(GIVE_BACK_MS, news.tookMs) : news.tookMs);
    if (news.isDying) {
      turn.fate = news.outcome;
      return this.#kill(host);
    }
    host.remove(turn);
    this.#turns.delete(turn.task.attemptId);
    turn.ran(news.outcome);
    this.#plan();
  }

  /** Whoever runs there is not to blame: it is started again. */
  #strayed(host: Host, error: string): void {
    const [first] = host.turns;
    if (first && host.hasBegun(first))
      first.fate = { lost: `Its ${host.kind} ended by an error that belongs to no job: ${error.slice(0, 500)}` };
    this.#kill(host);
  }

  #gone(host: Host, gone: Gone): void {
    if (this.#isClosed) return;
    const [first] = host.turns;
    for (const turn of host.turns.slice()) {
      // A process that ended by itself has begun what it was given, even if it could not say so any more.
      const hasBegun = host.hasBegun(turn) || (host.kind === "process" && !host.isKilled && gone.error === null);
      host.remove(turn);
      if (!hasBegun && turn.isStopping) this.#end(turn, { stopped: true });
      else if (hasBegun) {
        this.#turns.delete(turn.task.attemptId);
        turn.ran(
          turn.fate ?? (host.isKilled ? { lost: `Its ${host.kind} was ended because of another job.` } : deathOf(gone, MORE_MEMORY)),
        );
      } else if (turn === first && !host.isKilled && !host.hasAnswered) {
        this.#end(turn, { lost: `What runs the function could not be started: ${gone.error ?? `exit code ${gone.exitCode}`}` });
      } else this.#waiting.unshift(turn);
    }
    this.#plan();
  }

  #end(turn: Turn, outcome: Parameters<Turn["end"]>[0]): void {
    this.#turns.delete(turn.task.attemptId);
    turn.end(outcome);
  }

  /** Its turns that have not begun go to another. */
  #kill(host: Host): void {
    for (const turn of host.turns.toReversed()) if (host.takeBack(turn)) this.#waiting.unshift(turn);
    void host.kill();
    this.#plan();
  }

  /** False = it runs already. */
  #takeBack(turn: Turn): boolean {
    if (turn.host !== null) return turn.host.takeBack(turn);
    this.#waiting = this.#waiting.filter((other) => other !== turn);
    return true;
  }

  #giveBack(): void {
    this.#giveBackTimer = null;
    const latest = performance.now() - GIVE_BACK_MS;
    const tooLong = this.#waiting.filter(({ since }) => since <= latest);
    for (const host of this.#pool.hosts) {
      const [first, ...others] = host.turns;
      tooLong.push(...others.filter(({ since }) => since <= latest));
      const isStuck =
        host.hasAnswered && !host.isKilled && first !== undefined && first.since <= latest - STUCK_MS && !host.hasBegun(first);
      if (isStuck) this.#kill(host);
    }
    const given = tooLong.filter((turn) => this.#takeBack(turn));
    if (given.length > 0) this.#prefetch.jobsTakeAtLeast(GIVE_BACK_MS);
    for (const turn of given) this.#end(turn, { returned: true });
    this.#plan();
  }

  /** Tells of starts that nothing else told of. */
  #look(): void {
    this.#lookTimer = null;
    let isUnseen = false;
    for (const host of this.#pool.hosts) {
      const [first] = host.turns;
      if (first === undefined || first.hasStarted) continue;
      if (host.hasBegun(first)) first.started();
      else isUnseen = true;
    }
    if (isUnseen) this.#lookTimer ??= setTimeout(() => this.#look(), LOOK_MS);
  }
}
