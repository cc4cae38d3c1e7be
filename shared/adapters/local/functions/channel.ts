// A host's line to its pool: a message port in a thread, an IPC channel in a child process.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { FromHost, HostData, ToHost } from "./messages.ts";
import { Tickets } from "./tickets.ts";

export interface Channel {
  readonly data: HostData;
  /** False = the pool took it back. */
  begin(ticket: number): boolean;
  tell(news: FromHost): void;
  listen(hear: (message: ToHost) => void): void;
}

export const openChannel = (): Channel => (isMainThread ? processChannel() : threadChannel());

export interface ThreadData extends HostData {
  readonly places: Int32Array<SharedArrayBuffer>;
}

function threadChannel(): Channel {
  const { places, ...data } = workerData as ThreadData;
  const tickets = new Tickets(places);
  return {
    data,
    begin: (ticket) => tickets.begin(ticket),
    tell: (news) => parentPort!.postMessage(news),
    listen: (hear) => void parentPort!.on("message", hear),
  };
}

function processChannel(): Channel {
  dieWithServer();
  const tell = (news: FromHost): void => void process.send?.(news, undefined, {}, () => undefined);
  return {
    data: JSON.parse(process.argv[2] ?? "{}") as HostData,
    begin: (ticket) => {
      tell({ begun: ticket });
      return true;
    },
    tell,
    listen: (hear) => void process.on("message", hear),
  };
}

const WATCH_MS = 500;

/** Also while a job keeps the main thread busy: then only another thread sees that the server is gone. */
function dieWithServer(): void {
  const die = (): void => void process.kill(-process.pid, "SIGKILL");
  process.on("disconnect", die);
  const watch = `setInterval(() => process.ppid !== ${process.ppid} && process.kill(-${process.pid}, "SIGKILL"), ${WATCH_MS})`;
  new Worker(watch, { eval: true, execArgv: [], env: {} }).unref();
}
