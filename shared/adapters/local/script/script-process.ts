// In the spawner: one script from its start to the record of its end.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { AttemptOutput } from "../../../attempt/output.ts";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { ExitRecord, SpawnedProcess, SpawnOrder } from "./messages.ts";
import type { Pipe, Pipes } from "./pipes.ts";
import { forksSinceBoot, signalGroup, startTimeOf, sweep, type ProcessId } from "./processes.ts";

/** A process that got away may hold a pipe open: nobody waits for it longer. */
const DRAIN_MS = 200;
const DRAIN_MS_MAX = 5000;

interface Listener {
  spawned(process: SpawnedProcess): void;
  progress(news: ProgressNews): void;
}

const myself: ProcessId = { pid: process.pid, startTime: startTimeOf(process.pid) ?? 0 };

/** Ends when nothing of the script is left and exit.json is written. */
export async function runScript(order: SpawnOrder, pipes: Pipes, listener: Listener): Promise<ExitRecord> {
  const log = openLog(order.folder);
  const output = new AttemptOutput(order.secrets, { log: (records) => log.write(records), progress: (news) => listener.progress(news) });
  const forks = forksSinceBoot();
  const script = begin(order, pipes);
  if ("spawnError" in script) return finish(order, output, log, { exitCode: null, signal: null, spawnError: script.spawnError });
  const { child, streams } = script;
  const drained = Promise.all(streams.map(({ name, socket }) => readAll(socket, (chunk) => output.take(name, chunk))));
  const exited = exitOf(child);
  let spawned: SpawnedProcess | null = null;
  if (child.pid !== undefined) {
    const id = { pid: child.pid, startTime: startTimeOf(child.pid) ?? 0 };
    spawned = { ...id, startedAt: Date.now(), forks, spawner: myself };
    tryTo(() => writeFileSync(join(order.folder, "process.json"), JSON.stringify(spawned)));
    listener.spawned(spawned);
  }
  const exit = await exited;
  if (spawned) {
    signalGroup(spawned, "SIGKILL");
    await sweep(order.attemptId, spawned);
  }
  await drainedOrStuck(drained, streams);
  return finish(order, output, log, exit);
}

type Exit = Pick<ExitRecord, "exitCode" | "signal" | "spawnError">;
interface Begun {
  readonly child: ChildProcess;
  readonly streams: readonly { readonly name: "stdout" | "stderr"; readonly socket: Socket }[];
}

function begin({ file, args, cwd, env }: SpawnOrder, pipes: Pipes): Begun | { readonly spawnError: NonNullable<ExitRecord["spawnError"]> } {
  const [out, err] = [pipes.take(), pipes.take()];
  const stdio = ["ignore", out?.writeFd ?? "pipe", err?.writeFd ?? "pipe"] as const;
  try {
    // Its own session, so that a signal to its group reaches all of it and nothing else.
    const child = spawn(file, args, { cwd, env, stdio: [...stdio], detached: true });
    const streams = [
      { name: "stdout" as const, socket: reader(out) ?? (child.stdout as Socket) },
      { name: "stderr" as const, socket: reader(err) ?? (child.stderr as Socket) },
    ];
    return { child, streams };
  } catch (error) {
    for (const pipe of [out, err]) if (pipe) closeSync(pipe.readFd);
    return { spawnError: spawnErrorOf(error) };
  } finally {
    for (const pipe of [out, err]) if (pipe) closeSync(pipe.writeFd);
  }
}

const reader = (pipe: Pipe | null): Socket | null => pipe && new Socket({ fd: pipe.readFd, readable: true, writable: false });

function spawnErrorOf(error: unknown): NonNullable<ExitRecord["spawnError"]> {
  const { code, message } = error as NodeJS.ErrnoException;
  return { code: code ?? "UNKNOWN", message: code === "E2BIG" ? "The arguments and the environment are too long for a process." : message };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ exitCode: null, signal: null, spawnError: spawnErrorOf(error) }));
    child.on("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

interface Reading {
  chunks: number;
}
const readings = new WeakMap<Socket, Reading>();

function readAll(socket: Socket, take: (chunk: Buffer) => void): Promise<void> {
  const reading = { chunks: 0 };
  readings.set(socket, reading);
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      reading.chunks++;
      take(chunk);
    });
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
  });
}

/** Whoever could write is dead, so the end of the pipes is near, unless one got away: it is waited for while something comes. */
async function drainedOrStuck(drained: Promise<unknown>, streams: Begun["streams"]): Promise<void> {
  const count = (): number => streams.reduce((sum, { socket }) => sum + (readings.get(socket)?.chunks ?? 0), 0);
  const isDrained = drained.then(() => true);
  for (let waitedMs = 0; waitedMs < DRAIN_MS_MAX; waitedMs += DRAIN_MS) {
    const before = count();
    const timer = new AbortController();
    const timeUp = wait(DRAIN_MS, false, { signal: timer.signal }).catch(() => false);
    const isOver = await Promise.race([isDrained, timeUp]);
    timer.abort();
    if (isOver) return;
    // A busy loop sees the timer before what waits in the pipe: one more turn to read it.
    await turn();
    if (count() === before) break;
  }
  for (const { socket } of streams) socket.destroy();
}

interface Log {
  write(records: string): void;
  close(): void;
}

/** Written at once: no line is lost whatever happens next, and a script that writes faster than the disk waits at its pipe. */
function openLog(folder: string): Log {
  let fd: number | null = null;
  tryTo(() => {
    fd = openSync(join(folder, "log"), "a");
  });
  return {
    write: (records) => tryTo(() => writeAll(fd, Buffer.from(records))),
    close: () => tryTo(() => fd !== null && closeSync(fd)),
  };
}

function writeAll(fd: number | null, bytes: Buffer): void {
  for (let done = 0; fd !== null && done < bytes.length;) done += writeSync(fd, bytes, done);
}

function finish(order: SpawnOrder, output: AttemptOutput, log: Log, exit: Exit): ExitRecord {
  const record: ExitRecord = { ...exit, ...output.end(), endedAt: Date.now() };
  log.close();
  const path = join(order.folder, "exit.json");
  tryTo(() => {
    writeFileSync(`${path}.new`, JSON.stringify(record));
    renameSync(`${path}.new`, path);
  });
  return record;
}

/** A full disk must not end the spawner, and with it the scripts of others. */
function tryTo(act: () => unknown): void {
  try {
    act();
  } catch {
    // The outcome still goes to the server over the channel.
  }
}
