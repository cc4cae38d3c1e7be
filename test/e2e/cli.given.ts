// A server, and the command line as a process against it.
import { serve, type ServerType } from "@hono/node-server";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { LocalArtifacts } from "../../shared/adapters/local/artifacts.ts";
import { systemClock } from "../../shared/adapters/local/clock.ts";
import { LocalLogs } from "../../shared/adapters/local/logs.ts";
import { ScriptExecutor } from "../../shared/adapters/local/script/executor.ts";
import { environmentSecrets } from "../../shared/adapters/local/secrets.ts";
import { SqliteStore } from "../../shared/adapters/local/sqlite/sqlite-store.ts";
import { createApi } from "../../shared/api/create-api.ts";
import { tokenAccess } from "../../shared/api/security.ts";
import { openEngine, type Engine } from "../../shared/engine/engine.ts";

export const MAIN = new URL("../../cli/main.mjs", import.meta.url).pathname;
export const TOKEN = "a-token-of-tests";
export const folder = mkdtempSync(join(tmpdir(), "switchyard-cli-"));
export let url: string;
let engine: Engine;
let server: ServerType;

beforeAll(async () => {
  const options = { dataDir: folder, size: 4, inheritEnv: [], allowDirs: [], clock: systemClock };
  engine = await openEngine({
    store: await SqliteStore.open(join(folder, "switchyard.db")),
    executors: [new ScriptExecutor(options)],
    functions: { get: () => undefined, functions: () => [] },
    logs: new LocalLogs(folder),
    artifacts: new LocalArtifacts(folder),
    clock: systemClock,
    random: Math.random,
    secrets: environmentSecrets(["API"], { API: "hush-hush" }),
  });
  const app = createApi({ context: engine.context, version: "0.1.0", access: tokenAccess(TOKEN, ["127.0.0.1"]) });
  const { port } = await new Promise<AddressInfo>(
    (resolve) => (server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, resolve)),
  );
  url = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  if ("closeAllConnections" in server) server.closeAllConnections();
  server.close();
  await engine.drain(0);
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";
  #heard = Promise.withResolvers<void>();

  constructor(command: string, args: readonly string[], environment: Record<string, string>, input: string | null = "") {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH, HOME, TERM: "xterm", SWITCHYARD_URL: url, SWITCHYARD_TOKEN: TOKEN, ...environment };
    this.child = spawn(command, args, { env, cwd: folder });
    for (const name of ["stdout", "stderr"] as const) {
      this.child[name]!.setEncoding("utf8").on("data", (text: string) => {
        this[name] += text;
        this.#heard.resolve();
      });
    }
    if (input !== null) this.child.stdin!.end(input);
    this.ended = once(this.child, "close").then(([code]) => ({ code: code as number | null, stdout: this.stdout, stderr: this.stderr }));
  }

  /** Once it has said so, on stdout or stderr. */
  async says(text: string | RegExp): Promise<void> {
    const has = (): boolean => (this.stdout + this.stderr).search(typeof text === "string" ? RegExp.escape(text) : text) >= 0;
    while (!has()) {
      this.#heard = Promise.withResolvers();
      const isOver = await Promise.race([this.#heard.promise.then(() => false), this.ended.then(() => true)]);
      if (isOver && !has()) throw new Error(`It ended without saying ${text}:\n${this.stdout}\n${this.stderr}`);
    }
  }
}

export const started = (args: readonly string[], environment: Record<string, string> = {}, input?: string): Running =>
  new Running(process.execPath, [MAIN, ...args], environment, input);
export const cli = (...args: string[]): Promise<Ended> => started(args).ended;
export const parsed = async <T>(...args: string[]): Promise<T> => JSON.parse((await cli(...args, "--json")).stdout) as T;

/** A script that stands still until it is let go, and can be let go before it stands still. */
export function gate(name: string): { readonly wait: string; readonly go: () => Promise<void> } {
  const path = join(folder, `gate-${name}`);
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  return {
    wait: `cat ${path} >/dev/null`,
    go: async () => (await open(path, "w")).close(),
  };
}

export const submitted = async (...args: string[]): Promise<string> => (await cli("job", "submit", ...args)).stdout.trim();
