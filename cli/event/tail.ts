// `switchyard event tail`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { commaList, groupOf, verbOf } from "../globals.ts";
import { detachOnInterrupt } from "../live/detach.ts";
import { followed } from "../live/stream.ts";
import { eventLine } from "../output/event-line.ts";
import { queryText } from "../pages.ts";
import type { Event } from "../shown.ts";

interface Options {
  readonly types?: readonly string[];
  readonly job?: string;
  readonly after?: string;
  readonly follow: boolean;
}

interface EventPage {
  readonly items: readonly Event[];
  readonly nextAfter?: string;
}

const SUBJECT_WIDTH = 30;
const PAGE = 200;

export function addEvent(program: Command): void {
  const group = groupOf(program, "event", "what happens, as it happens");
  verbOf(group, "tail", "events as they come; with --json one line of JSON each", [
    "event tail --types job.failed,run.failed",
    "event tail --no-follow --after evt_000000000000000",
  ])
    .option("--types <types>", "only these, as job.failed; a comma list", commaList)
    .option("--job <id>", "only of this job")
    .option("--after <id>", "begin after this event instead of now")
    .option("--no-follow", "those that are there already, then end")
    .action(acting(tail));
}

async function tail(call: Call, { types, job, after, follow }: Options): Promise<void> {
  const query = { types: types?.join(","), job, after };
  if (!follow) return stored(call, query);
  detachOnInterrupt(call.err);
  for await (const { data } of followed(call, `/v1/events${queryText({ ...query, follow: 1 })}`)) print(call, JSON.parse(data) as Event);
}

async function stored(
  call: Call,
  query: { readonly types: string | undefined; readonly job: string | undefined; readonly after: string | undefined },
): Promise<void> {
  const items: Event[] = [];
  for (let after = query.after, isMore = true; isMore; isMore = after !== undefined) {
    const page: EventPage = await call.client.call("GET", `/v1/events${queryText({ ...query, after, limit: PAGE })}`);
    if (call.isJson) items.push(...page.items);
    else for (const event of page.items) print(call, event);
    after = page.nextAfter;
  }
  if (call.isJson) call.out.json({ items });
}

function print({ isJson, out }: Call, event: Event): void {
  if (isJson) return out.line(JSON.stringify(event));
  out.line(eventLine(event, out, (event.jobId ?? event.runId ?? event.batchId ?? "").padEnd(SUBJECT_WIDTH)));
}
