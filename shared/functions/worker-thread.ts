// A thread for functions: its heap is bounded, nothing of it reaches the terminal of whoever started it, and its end is told in one way.
import { Worker } from "node:worker_threads";
import type { Gone } from "./death.ts";

/** With Node's own size each busy thread takes 100 MB more, and is no faster (measured with calls of 200 bytes). */
const YOUNG_MB = 16;

interface ThreadOptions {
  readonly workerData: object;
  readonly env: Readonly<Record<string, string>>;
  /** JavaScript heap; buffers are not counted. */
  readonly heapMb: number;
}

interface ThreadListener<News> {
  heard(news: News): void;
  /** Nothing is heard afterwards. */
  gone(gone: Gone): void;
}

export function startWorker<News>(entry: URL, { workerData, env, heapMb }: ThreadOptions, listener: ThreadListener<News>): Worker {
  const thread = new Worker(entry, {
    workerData,
    env: { ...env },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
    stdout: true,
    stderr: true,
  });
  let failure: NodeJS.ErrnoException | null = null;
  thread.on("message", (news: News) => listener.heard(news));
  thread.on("error", (error) => {
    failure = error as NodeJS.ErrnoException;
  });
  thread.on("exit", (exitCode) => {
    const isOutOfMemory = failure?.code === "ERR_WORKER_OUT_OF_MEMORY";
    listener.gone({ exitCode, signal: null, isOutOfMemory, error: isOutOfMemory ? null : (failure?.message ?? null) });
  });
  return thread;
}
