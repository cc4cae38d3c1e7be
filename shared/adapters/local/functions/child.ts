// A host in a process of its own: a crash of native code, or a kill, reaches nothing else.
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Tail } from "../../../attempt/tail.ts";
import { signalGroup, startTimeOf } from "../script/processes.ts";
import type { Vehicle, VehicleListener } from "./host.ts";
import type { FromHost } from "./messages.ts";
import type { Setup } from "./setup.ts";

const LAST_WORDS_BYTES = 4096;
/** By number and start a process is known even when its number has been given to another. */
const startTimes = new WeakMap<ChildProcess, number>();

export function startChild({ entry, env, heapMb, data }: Setup, listener: VehicleListener): Vehicle {
  const child = fork(fileURLToPath(entry), [JSON.stringify(data)], {
    env,
    execArgv: ["--no-warnings", `--max-old-space-size=${heapMb}`],
    serialization: "advanced",
    // The leader of a group of its own: what the job starts dies with it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  if (child.pid !== undefined) startTimes.set(child, startTimeOf(child.pid) ?? 0);
  const begun = new Set<number>();
  let last = 0;
  watch(child, listener, (ticket) => begun.add(ticket));
  return {
    // What it was given cannot be taken back.
    room: 1,
    offer: () => ++last,
    takeBack: () => false,
    hasBegun: (ticket) => begun.has(ticket),
    // It may be dying: `gone` follows.
    post: (message) => void (child.connected && child.send(message, () => undefined)),
    kill: () => killGroup(child),
    keepAlive: (isBusy) => keepAlive(child, isBusy),
  };
}

function watch(child: ChildProcess, listener: VehicleListener, begun: (ticket: number) => void): void {
  const lastWords = new Tail(LAST_WORDS_BYTES);
  let isGone = false;
  child.stderr?.on("data", (chunk: Buffer) => lastWords.add(chunk.toString("latin1")));
  child.on("message", (news: FromHost) => {
    if ("begun" in news) begun(news.begun);
    listener.heard(news);
  });
  const gone = (exitCode: number | null, signal: string | null, error: string | null): void => {
    if (isGone) return;
    isGone = true;
    const isOutOfMemory = signal === "SIGABRT" && lastWords.text().includes("heap out of memory");
    listener.gone({ exitCode, signal, isOutOfMemory, error });
  };
  child.on("error", (error) => child.pid === undefined && gone(null, null, error.message));
  // "close" would wait for whoever else holds the pipe; but what the process itself said of its end is read by then.
  child.on("exit", (exitCode, signal) => {
    killGroup(child);
    setImmediate(gone, exitCode, signal, null);
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  signalGroup({ pid: child.pid, startTime: startTimes.get(child) ?? 0 }, "SIGKILL");
}

function keepAlive(child: ChildProcess, isBusy: boolean): void {
  const pipe = child.stderr as unknown as { ref(): void; unref(): void } | null;
  for (const end of [child, child.channel, pipe]) if (isBusy) end?.ref(); else end?.unref(); // prettier-ignore
}
