// A small process of its own that starts the scripts: forking a large server takes it tens of milliseconds, and scripts must
// not end, nor lose what they write, because the server does. Imports little: its memory counts for every server.
import { flushCompileCache } from "node:module";
import type { ProgressNews } from "../../../domain/progress.ts";
import type { SpawnerNews, SpawnOrder } from "./messages.ts";
import { Pipes } from "./pipes.ts";
import { runScript } from "./script-process.ts";

const PROGRESS_EVERY_MS = 100;

// Usually written at the exit, which may never come.
flushCompileCache();

const pipes = new Pipes();
let running = 0;

function tell(news: SpawnerNews): void {
  // Without a server the news is on disk. The callback keeps a channel that has just broken from throwing.
  if (process.connected) process.send?.(news, undefined, {}, () => undefined);
}

process.on("message", (order: SpawnOrder) => {
  const { attemptId } = order;
  const progress = progressNews(attemptId);
  running++;
  void runScript(order, pipes, { spawned: (spawned) => tell({ attemptId, spawned }), progress: (news) => progress.tell(news) }).then(
    (ended) => {
      progress.end();
      tell({ attemptId, ended });
      running--;
      leaveIfDone();
    },
  );
});

process.on("disconnect", leaveIfDone);
// A terminal's or a service manager's signal is meant for the server. The exit codes of what still runs would be lost.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

function leaveIfDone(): void {
  if (running === 0 && !process.connected) process.exit();
}

/** A script may tell its progress a million times a second: the latest now and then is enough. */
function progressNews(attemptId: string): { tell(news: ProgressNews): void; end(): void } {
  let latest: ProgressNews | null = null;
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (latest !== null) tell({ attemptId, progress: latest });
    latest = null;
  };
  return {
    tell(news) {
      latest = { ...latest, ...news };
      if (timer !== null) return;
      flush();
      timer = setTimeout(() => {
        timer = null;
        flush();
      }, PROGRESS_EVERY_MS);
    },
    end() {
      if (timer !== null) clearTimeout(timer);
      flush();
    },
  };
}
