// What the spawner left on disk of an attempt: by it a server goes on with scripts that outlived the one before.
import { watch, type FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { nullIfAbsent } from "../../../attempt/absent.ts";
import type { ExitRecord, SpawnedProcess } from "./messages.ts";
import { isAlive } from "./processes.ts";

const EXIT_FILE = "exit.json";
const LOOK_EVERY_MS = 1000;
/** The script is gone, its spawner is not: it is still killing what was left and draining the pipes. */
const LOOKS_AFTER_SCRIPT = 20;
/** Both are gone: what the spawner wrote last is there by now. */
const LOOKS_AFTER_SPAWNER = 2;

const BUSY_TRIES = 100;
const BUSY_WAIT_MS = 100;

/** When a machine has no file to open left, a script that lives must not pass for one that is gone: it is looked at again. */
async function readText(path: string): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    try {
      return await readFile(path, "utf8").catch(nullIfAbsent);
    } catch (error) {
      if (tries === BUSY_TRIES) throw error;
      await wait(BUSY_WAIT_MS);
    }
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** Null if it is not there, or torn. */
export const readExit = async (folder: string): Promise<ExitRecord | null> =>
  (await readJson(join(folder, EXIT_FILE))) as ExitRecord | null;

export const readProcess = async (folder: string): Promise<SpawnedProcess | null> =>
  (await readJson(join(folder, "process.json"))) as SpawnedProcess | null;

interface Watcher {
  ended(record: ExitRecord): void;
  /** Nobody is left who would write the end. */
  gone(): void;
}

/** Answers how to stop watching. One of the two is called, once. */
export function watchForEnd(folder: string, spawned: SpawnedProcess, watcher: Watcher): () => void {
  let isOver = false;
  let looksAlone = 0;
  let files: FSWatcher | null = null;
  const stop = (): void => {
    isOver = true;
    clearInterval(timer);
    files?.close();
  };
  const look = async (): Promise<void> => {
    const isScriptAlive = isAlive(spawned);
    const isSpawnerAlive = isAlive(spawned.spawner);
    const record = await readExit(folder);
    if (isOver) return;
    if (record !== null) {
      stop();
      return watcher.ended(record);
    }
    if (isScriptAlive && isSpawnerAlive) return;
    if (++looksAlone < (isSpawnerAlive ? LOOKS_AFTER_SCRIPT : LOOKS_AFTER_SPAWNER)) return;
    stop();
    watcher.gone();
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  try {
    files = watch(folder, (_event, name) => {
      if (name === null || name === EXIT_FILE) void look();
    });
    files.on("error", () => undefined);
  } catch {
    // No more watches on this machine: the timer finds it too, a second later.
  }
  void look();
  return stop;
}
