// The server's end of its spawner: started when first needed, and again after it died.
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SpawnerNews, SpawnOrder } from "./messages.ts";

interface Listener {
  news(news: SpawnerNews): void;
  /** Attempts that it had and that it told no end of. */
  died(attemptIds: readonly string[], why: string): void;
}

const entry = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./spawner.ts" : "./spawner.js", import.meta.url));

/** A flood of output makes garbage only; with the usual young generation it would take 200 MB before that is collected. */
const NODE_OPTIONS = ["--no-warnings", "--max-semi-space-size=4"];

export class SpawnerLink {
  readonly #cacheDir: string;
  readonly #listener: Listener;
  #child: ChildProcess | null = null;
  readonly #attempts = new Set<string>();

  constructor(cacheDir: string, listener: Listener) {
    this.#cacheDir = cacheDir;
    this.#listener = listener;
  }

  send(order: SpawnOrder): void {
    const child = (this.#child ??= this.#start());
    this.#attempts.add(order.attemptId);
    keepAlive(child, true);
    child.send(order, (error) => {
      if (error) this.#died(child, error.message);
    });
  }

  /** What runs goes on, and the spawner with it. */
  async close(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || !child.connected) return;
    const isIdle = this.#attempts.size === 0;
    this.#attempts.clear();
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.disconnect();
    if (!isIdle) return child.unref();
    child.ref();
    await exited;
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [...NODE_OPTIONS, entry], {
      // Its own session: neither a terminal that closes nor a kill of the server's session ends it.
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      // What strips the types takes 30 MB: only the very first spawner of a data folder needs it.
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, NODE_COMPILE_CACHE: this.#cacheDir },
      cwd: "/",
    });
    child.on("message", (news: SpawnerNews) => {
      if ("ended" in news) {
        this.#attempts.delete(news.attemptId);
        keepAlive(child, this.#attempts.size > 0);
      }
      this.#listener.news(news);
    });
    child.on("error", (error) => this.#died(child, error.message));
    child.on("exit", (code, signal) => this.#died(child, signal === null ? `exit code ${code}` : signal));
    return child;
  }

  #died(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    child.kill("SIGKILL");
    const attempts = [...this.#attempts];
    this.#attempts.clear();
    this.#listener.died(attempts, why);
  }
}

/** A program that only opened an engine may end while nothing runs. */
function keepAlive(child: ChildProcess, isBusy: boolean): void {
  if (isBusy) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}
