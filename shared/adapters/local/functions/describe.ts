// Asks a thread what bundles define. Whatever they do when they are loaded, it is over after a while and hurts nobody.
import { Worker } from "node:worker_threads";
import type { Description } from "./description.ts";

const LOAD_MS_MAX = 10_000;
const HEAP_MB = 512;
const entry = new URL(import.meta.url.endsWith(".ts") ? "./describe-program.ts" : "./describe-program.js", import.meta.url);

/** In the order of the bundles. */
export async function describeAll(bundles: readonly string[], env: Readonly<Record<string, string>>): Promise<Description[]> {
  const answers: Description[] = [];
  // The one that a thread stops at is left out, and the others go on in another thread.
  while (answers.length < bundles.length) answers.push(...(await describeSome(bundles.slice(answers.length), env)));
  return answers;
}

function describeSome(bundles: readonly string[], env: Readonly<Record<string, string>>): Promise<Description[]> {
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
    problem = `It takes longer than ${LOAD_MS_MAX / 1000} s to load.`;
    void thread.terminate();
  };
  let timer = setTimeout(timeUp, LOAD_MS_MAX);
  thread.on("message", (answer: Description) => {
    answers.push(answer);
    clearTimeout(timer);
    if (answers.length === bundles.length) void thread.terminate();
    else timer = setTimeout(timeUp, LOAD_MS_MAX);
  });
  thread.on("error", (error) => {
    problem ??= `It could not be loaded: ${error.message}`;
  });
  thread.on("exit", (code) => {
    clearTimeout(timer);
    if (answers.length < bundles.length) answers.push({ problem: problem ?? `It ends its thread with ${code} when it is loaded.` });
    resolve(answers);
  });
  return promise;
}
