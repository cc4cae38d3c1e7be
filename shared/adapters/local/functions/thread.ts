// A host in a thread of the server.
import { Worker } from "node:worker_threads";
import type { ThreadData } from "./channel.ts";
import type { Vehicle, VehicleListener } from "./host.ts";
import type { FromHost } from "./messages.ts";
import { Tickets } from "./tickets.ts";
import type { Setup } from "./setup.ts";

/** Enough that a thread never waits for the pool, and few enough that another thread is not left without. */
const ROOM = 16;
/** With Node's own size each busy thread takes 100 MB more, and is no faster (measured with calls of 200 bytes). */
const YOUNG_MB = 16;

export function startThread({ entry, env, heapMb, data }: Setup, listener: VehicleListener): Vehicle {
  const tickets = new Tickets();
  const workerData: ThreadData = { ...data, places: tickets.places };
  const thread = new Worker(entry, {
    workerData,
    env: { ...env },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
    // Nothing of a job belongs on the server's terminal.
    stdout: true,
    stderr: true,
  });
  let failure: NodeJS.ErrnoException | null = null;
  thread.on("message", (news: FromHost) => listener.heard(news));
  thread.on("error", (error) => {
    failure = error as NodeJS.ErrnoException;
  });
  thread.on("exit", (exitCode) => {
    const isOutOfMemory = failure?.code === "ERR_WORKER_OUT_OF_MEMORY";
    listener.gone({ exitCode, signal: null, isOutOfMemory, error: isOutOfMemory ? null : (failure?.message ?? null) });
  });
  return {
    room: ROOM,
    offer: () => tickets.offer(),
    takeBack: (ticket) => tickets.takeBack(ticket),
    hasBegun: (ticket) => tickets.hasBegun(ticket),
    post: (message) => thread.postMessage(message),
    kill: () => void thread.terminate(),
    keepAlive: (isBusy) => (isBusy ? thread.ref() : thread.unref()),
  };
}
