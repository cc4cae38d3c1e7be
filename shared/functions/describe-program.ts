// Runs in a thread: loads bundles and says what they define. What a job's file does when it is loaded stays in here.
import { parentPort, workerData } from "node:worker_threads";
import { flushCompileCache } from "node:module";
import { pathToFileURL } from "node:url";
import { descriptionOf, type Description } from "./description.ts";

delete process.env.NODE_COMPILE_CACHE;
process.removeAllListeners("warning");
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

void describeAll(workerData as readonly string[]);

async function describeAll(bundles: readonly string[]): Promise<void> {
  for (const bundle of bundles) {
    const description = await describe(bundle);
    // The thread is ended after the last answer: the cache would never be written.
    flushCompileCache();
    parentPort!.postMessage(description);
  }
}

async function describe(bundle: string): Promise<Description> {
  try {
    const { default: job } = (await import(pathToFileURL(bundle).href)) as { default?: unknown };
    if (job === undefined)
      return { problem: "It has no default export: `export default defineJob({…})`. Files that are not jobs begin with `_`." };
    return descriptionOf(job);
  } catch (error) {
    return { problem: `It could not be loaded: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.slice(0, 2000) };
  }
}
