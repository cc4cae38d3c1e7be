// Asks a thread what bundles define. Whatever they do when they are loaded, it is over after a while and hurts nobody.
import { Worker } from "node:worker_threads";
import type { Description } from "./description.ts";

const HEAP_MB = 512;
const entry = new URL(import.meta.url.endsWith(".ts") ? "./describe-program.ts" : "./describe-program.js", import.meta.url);

interface Limits {
  readonly loadMsMax: number;
  readonly env: Readonly<Record<string, string>>;
}

/** In the order of the bundles. */
export async function describeAll(bundles: readonly string[], limits: Limits): Promise<Description[]> {
  const answers: Description[] = [];
  // The one that a thread stops at is left out, and the others go on in another thread.
  while (answers.length < bundles.length) answers.push(...(await describeSome(bundles.slice(answers.length), limits)));
  return answers;
}

function describeSome(bundles: readonly string[], { loadMsMax, env }: Limits): Promise<Description[]> {
  const { promise, resolve } = Promise.withResolvers<Description[]>();
  const answers: Description[] = [];
  const thread = new Worker(entry, {
    workerData: bundles,
    env: { ...env },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    stdout: true,
    stderr: true,
  });
  let problem: string | null = null;
  const timeUp = (): void => {
    problem = `It takes longer than ${loadMsMax / 1000} s to load.`;
    void thread.terminate();
  };
  let timer = setTimeout(timeUp, loadMsMax);
  thread.on("message", (answer: Description) => {
    answers.push(answer);
    clearTimeout(timer);
    if (answers.length === bundles.length) void thread.terminate();
    else timer = setTimeout(timeUp, loadMsMax);
  });
  thread.on("error", (error) => {
    problem ??= `It could not be loaded: ${error.message}`;
  });
  thread.on("exit", (code) => {
    clearTimeout(timer);
    if (answers.length < bundles.length)
      answers.push({ problem: problem ?? `It does not end well when it is loaded: it waits for nothing, or calls process.exit(${code}).` });
    resolve(answers);
  });
  return promise;
}
