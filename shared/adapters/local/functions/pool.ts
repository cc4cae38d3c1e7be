// Threads and processes for functions: which of them takes a turn, which are started, and which are ended when nobody needs them.
import { dirname, join } from "node:path";
import type { Gone } from "../../../functions/death.ts";
import { startChild } from "./child.ts";
import { Host, type HostKind, type Vehicle, type VehicleListener } from "./host.ts";
import type { BundledFunction } from "./info.ts";
import type { FromHost } from "./messages.ts";
import { COMPILED } from "./old-bundles.ts";
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
const IDLE_MS = { thread: 60_000, process: 30_000 } as const;
const SWEEP_MS = 5000;

const entry = new URL(import.meta.url.endsWith(".ts") ? "./host-program.ts" : "./host-program.js", import.meta.url);

export const kindOf = (info: BundledFunction): HostKind => (info.isolation === "process" ? "process" : "thread");

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
  hostFor(info: BundledFunction): Host | null {
    const kind = kindOf(info);
    let busy = 0;
    let best: Host | null = null;
    for (const host of this.#hosts) {
      if (host.isBusy) busy++;
      const fits = host.hash === info.hash && host.kind === kind && host.hasRoom;
      if (fits && (best === null || host.turns.length < best.turns.length)) best = host;
    }
    if (best?.isIdle) return busy < this.#options.size ? best : null;
    return busy < this.#options.size ? this.#start(kind, info) : best;
  }

  async close(): Promise<void> {
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    await Promise.all([...this.#hosts].map((host) => host.kill()));
  }

  #start(kind: HostKind, info: BundledFunction): Host {
    if (this.#hosts.size >= this.#options.size + SPARE_HOSTS) this.#endOldestIdle();
    const { dataDir, heapMb, env } = this.#options;
    const cached = { ...env, NODE_COMPILE_CACHE: join(dirname(info.bundle), COMPILED) };
    const setup: Setup = { entry, env: cached, heapMb, data: { bundle: info.bundle, dataDir } };
    const start = (listener: VehicleListener): Vehicle => (kind === "process" ? startChild : startThread)(setup, listener);
    const host = new Host(kind, info.hash, start, {
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
      if (host.isIdle && now - host.idleSince > IDLE_MS[host.kind]) void host.kill();
    }
    if (this.#hosts.size > 0 || this.#sweepTimer === null) return;
    clearInterval(this.#sweepTimer);
    this.#sweepTimer = null;
  }
}
