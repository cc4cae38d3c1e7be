// Runs in a thread: loads bundles and says what they define. What a job's file does when it is loaded stays in here.
import { parentPort, workerData } from "node:worker_threads";
import { pathToFileURL } from "node:url";
import { descriptionOf, type Description } from "./description.ts";

delete process.env.NODE_COMPILE_CACHE;
for (const stream of [process.stdout, process.stderr]) stream.write = () => true;

for (const bundle of workerData as readonly string[]) parentPort!.postMessage(await describe(bundle));

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
