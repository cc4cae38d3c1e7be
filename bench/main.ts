// `npm run bench`: what Switchyard does on this machine, with synchronous=FULL and no-op jobs of 200 bytes.
// `ONLY=remote` with SWITCHYARD_URL and SWITCHYARD_TOKEN measures a server elsewhere.
// Environment: REPETITIONS (3), JOBS (20000), ROWS (1000000), ONLY (names of parts), FOLDER (where data is written).
import { latency, latencyOverHttp } from "./latency.ts";
import { claimBehindFullKey, listPages } from "./large.ts";
import { machine } from "./machine.ts";
import { remote } from "./remote.ts";
import { report } from "./report.ts";
import { serverAtRest } from "./server.ts";
import { repetitions } from "./support.ts";
import { endToEnd, enqueueInProcess, graph } from "./throughput.ts";

const repeated: Record<string, () => Promise<void> | void> = {
  machine,
  inline50: () => endToEnd("inline", 50),
  inline10: () => endToEnd("inline", 10),
  threads50: () => endToEnd("threads", 50),
  threads10: () => endToEnd("threads", 10),
  enqueue: enqueueInProcess,
  latency: async () => {
    await latency("inline");
    await latency("threads");
  },
  http: latencyOverHttp,
  graph: async () => {
    await graph("inline", 100, 10);
    await graph("threads", 10, 100);
  },
};
const once: Record<string, () => Promise<void> | void> = { rest: serverAtRest, claim: claimBehindFullKey, lists: listPages, remote };

const only = process.env.ONLY?.split(",");
const chosen = (name: string): boolean => only === undefined || only.includes(name);

for (let repetition = 0; repetition < repetitions; repetition++)
  for (const [name, part] of Object.entries(repeated)) if (chosen(name)) await part();
for (const [name, part] of Object.entries(once)) if (chosen(name)) await part();
report();
