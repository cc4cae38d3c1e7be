// A server that is killed while it runs a function in a process of its own. Not a test: started by function-pool.test.ts.
import { join } from "node:path";
import { FunctionExecutor } from "../../shared/adapters/local/functions/executor.ts";
import { FunctionRegistry } from "../../shared/adapters/local/functions/registry.ts";
import type { Job } from "../../shared/domain/job.ts";

const [dataDir = "", lifeline = ""] = process.argv.slice(2);
const registry = await FunctionRegistry.open({ jobsDir: join(import.meta.dirname, "jobs"), cacheDir: join(dataDir, "cache") });
const clock = { now: Date.now, at: () => () => undefined };
const executor = new FunctionExecutor({ dataDir, registry, clock });
executor.start(
  {
    attemptId: "att_1",
    job: { id: "job_1", attempt: 1 } as Job,
    spec: { type: "function", executor: "node", function: "act-isolated" },
    params: JSON.stringify({ do: "connectThenLoop", text: lifeline }),
    inputs: "{}",
    env: {},
    secrets: [],
  },
  { started: () => undefined, progress: () => process.send?.("it runs"), ended: (outcome) => console.error("ended", outcome) },
);
