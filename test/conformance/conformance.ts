// What every platform must do over HTTP.
import { describe } from "vitest";
import { artifacts } from "./artifacts.ts";
import { badJobs } from "./bad-jobs.ts";
import { badRequests } from "./bad-requests.ts";
import { batches } from "./batches.ts";
import { catalogue } from "./catalogue.ts";
import { client } from "./client.ts";
import { concurrency } from "./concurrency.ts";
import { dependencies } from "./dependencies.ts";
import { document } from "./document.ts";
import { events } from "./events.ts";
import { failures } from "./failures.ts";
import { ids } from "./ids.ts";
import { jobs } from "./jobs.ts";
import { large } from "./large.ts";
import { lists } from "./lists.ts";
import { logs } from "./logs.ts";
import type { Platform } from "./platform.ts";
import { retries } from "./retries.ts";
import { runs } from "./runs.ts";
import { scripts } from "./scripts.ts";
import { secrets } from "./secrets.ts";
import { security } from "./security.ts";
import { steering } from "./steering.ts";
import { time } from "./time.ts";
import { workflows } from "./workflows.ts";

/** All at once, as many as the project's `maxConcurrency`: most of their time they wait. What takes longest comes first. */
const themes = {
  batches, dependencies, concurrency, retries, time, steering, logs, events, runs, jobs, failures, artifacts, large, lists, ids, scripts, secrets,
  workflows, client, "bad jobs": badJobs, "bad requests": badRequests, security, catalogue, document,
} satisfies Record<string, (platform: Platform) => void>; // prettier-ignore

export function conformance(platform: Platform): void {
  describe.concurrent(`on ${platform.name}`, () => {
    for (const [theme, promises] of Object.entries(themes)) describe.concurrent(theme, () => promises(platform));
  });
}
