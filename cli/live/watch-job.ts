// A job until its end: redrawn on a terminal, elsewhere a line for each change.
import { isEnd } from "../../shared/domain/job.ts";
import type { List } from "../../shared/sdk/client.ts";
import type { Call } from "../call.ts";
import { eventLine } from "../output/event-line.ts";
import type { Screen } from "../output/screen.ts";
import { queryText } from "../pages.ts";
import { jobPath, type Event, type Job } from "../shown.ts";
import { animated } from "./block.ts";
import { jobView } from "./job-view.ts";
import { Patience } from "./patience.ts";
import { followed } from "./stream.ts";

/** Answers the job as it ended. `screen` null: nothing is shown. */
export async function watchJob(call: Call, id: string, screen: Screen | null): Promise<Job> {
  if (!screen) return untilEnd(call, id, WAIT_LONG_SECONDS);
  if (!screen.isTerminal) return told(call, id, screen);
  const first = await call.client.call<Job>("GET", jobPath(id));
  return animated(screen, first, (job, now) => jobView(job, now, screen), (see) => untilEnd(call, id, WAIT_SECONDS, see)); // prettier-ignore
}

/** Held by the server, which answers at the end at once: progress makes no event, so it is looked at once a second. */
const WAIT_SECONDS = 1;
const WAIT_LONG_SECONDS = 25;

export async function untilEnd(call: Call, id: string, seconds: number, see?: (job: Job) => void): Promise<Job> {
  const patience = new Patience(call.err);
  for (;;) {
    const job = await patience.ask(() => call.client.call<Job>("GET", jobPath(id, `?wait=${seconds}`)));
    see?.(job);
    if (isEnd(job.state)) return job;
  }
}

const ends = new Set(["job.completed", "job.failed", "job.cancelled"]);

async function told(call: Call, id: string, screen: Screen): Promise<Job> {
  // Its last event before its state: what comes between is told twice rather than missed.
  const { items } = await call.client.call<List<Event>>("GET", jobPath(id, "/history?order=desc&limit=1"));
  const job = await call.client.call<Job>("GET", jobPath(id));
  screen.line(`${job.id} is ${job.state}${job.stateReason ? `: ${job.stateReason.message}` : ""}`);
  if (isEnd(job.state)) return job;
  for await (const { data } of followed(call, `/v1/events${queryText({ job: id, after: items[0]?.id, follow: 1 })}`)) {
    const event = JSON.parse(data) as Event;
    screen.line(eventLine(event, screen));
    if (ends.has(event.type)) break;
  }
  return untilEnd(call, id, WAIT_LONG_SECONDS);
}
