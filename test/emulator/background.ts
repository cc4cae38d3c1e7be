// The one emulator that goes on running in the background: where it is, is remembered in a file.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isHealthy, startEmulator, stopEmulator, type Emulator, type EmulatorOptions } from "./emulator.ts";

type Remembered = Pick<Emulator, "url" | "pid" | "podmanPid" | "dir">;

const folder = join(import.meta.dirname, "../../.switchyard-emulator");
const stateFile = join(folder, "running.json");
const logFile = join(folder, "emulator.log");
/** LocalStack's, so that what people know works. */
const USUAL_PORT = 4566;

/** Its URL. Nothing happens if it runs already. */
export async function startInBackground(options: Pick<EmulatorOptions, "port" | "ecs">): Promise<string> {
  const running = await runningUrl();
  if (running) return running;
  mkdirSync(dirname(stateFile), { recursive: true });
  const { url, pid, podmanPid, dir } = await startEmulator({ port: USUAL_PORT, ...options, logFile, detached: true });
  writeFileSync(stateFile, JSON.stringify({ url, pid, podmanPid, dir } satisfies Remembered));
  return url;
}

/** Null if none runs. */
export async function runningUrl(): Promise<string | null> {
  const state = remembered();
  return state && isOurs(state.pid) && (await isHealthy(state.url)) ? state.url : null;
}

/** With everything that it started. False if none ran. */
export async function stopInBackground(): Promise<boolean> {
  const state = remembered();
  rmSync(stateFile, { force: true });
  if (!state || !isOurs(state.pid)) return false;
  await stopEmulator(state);
  return true;
}

function remembered(): Remembered | null {
  try {
    return JSON.parse(readFileSync(stateFile, "utf8")) as Remembered;
  } catch {
    return null;
  }
}

/** A number of a process that ended may belong to another one by now. */
function isOurs(pid: number): boolean {
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).includes("emu.py");
  } catch {
    return false;
  }
}
