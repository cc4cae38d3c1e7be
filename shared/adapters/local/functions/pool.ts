// Threads and processes for functions: which of them takes a turn, which are started, and which are ended when nobody needs them.
import { Host, type Vehicle, type VehicleListener } from "./host.ts";
import { startChild } from "./child.ts";
import type { FunctionInfo } from "./info.ts";
import type { FromHost, Gone } from "./messages.ts";
import type { Setup } from "./setup.ts";
import { startThread } from "./thread.ts";

export interface PoolOptions {
  readonly dataDir: string;
  /** How many turns run at a time. */
  readonly size: number;
  readonly heapMb: number;
  readonly env: Readonly<Record<string, string>>;
}

interface PoolListener {
  heard(host: Host, news: FromHost): void;
  gone(host: Host, gone: Gone): void;
  /** A place is free again. */
  hasRoom(): void;
}

/** So many idle hosts of other functions are kept beyond those that can be busy. */
const SPARE_HOSTS = 4;
const THREAD_IDLE_MS = 60_000;
const PROCESS_IDLE_MS = 30_000;
const SWEEP_MS = 5000;

const entry = new URL(import.meta.url.endsWith(".ts") ? "./host-program.ts" : "./host-program.js", import.meta.url);

export const isOwnProcess = (info: FunctionInfo): boolean => info.isolation === "process";

export class Pool {
  readonly #options: PoolOptions;
  readonly #listener: PoolListener;
  readonly #hosts = new Set<Host>();
  #sweepTimer: NodeJS.Timeout | null = null;

  constructor(options: PoolOptions, listener: PoolListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get hosts(): Iterable<Host> {
    return this.#hosts;
  }

  /** Null = there is no room now. Each version of a function has hosts of its own. */
  hostFor(info: FunctionInfo): Host | null {
    const key = `${isOwnProcess(info) ? "process" : "thread"} ${info.hash}`;
    let busy = 0;
    let best: Host | null = null;
    for (const host of this.#hosts) {
      if (host.isBusy) busy++;
      if (host.key === key && host.hasRoom && (best === null || host.turns.length < best.turns.length)) best = host;
    }
    if (best?.isIdle) return busy < this.#options.size ? best : null;
    return busy < this.#options.size ? this.#start(key, info) : best;
  }

  async close(): Promise<void> {
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    await Promise.all([...this.#hosts].map((host) => host.kill()));
  }

  #start(key: string, info: FunctionInfo): Host {
    if (this.#hosts.size >= this.#options.size + SPARE_HOSTS) this.#endOldestIdle();
    const { dataDir, heapMb, env } = this.#options;
    const setup: Setup = { entry, env, heapMb, data: { bundle: info.bundle, dataDir } };
    const start = (listener: VehicleListener): Vehicle => (isOwnProcess(info) ? startChild(setup, listener) : startThread(setup, listener));
    const host = new Host(key, start, {
      heard: (from, news) => this.#listener.heard(from, news),
      gone: (from, gone) => {
        this.#hosts.delete(from);
        this.#listener.gone(from, gone);
      },
      lingers: () => this.#listener.hasRoom(),
    });
    this.#hosts.add(host);
    this.#sweepTimer ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
    return host;
  }

  #endOldestIdle(): void {
    let oldest: Host | null = null;
    for (const host of this.#hosts) if (host.isIdle && (oldest === null || host.idleSince < oldest.idleSince)) oldest = host;
    void oldest?.kill();
  }

  #sweep(): void {
    const now = performance.now();
    for (const host of this.#hosts) {
      const idleMs = host.key.startsWith("process") ? PROCESS_IDLE_MS : THREAD_IDLE_MS;
      if (host.isIdle && now - host.idleSince > idleMs) void host.kill();
    }
    if (this.#hosts.size > 0 || this.#sweepTimer === null) return;
    clearInterval(this.#sweepTimer);
    this.#sweepTimer = null;
  }
}
