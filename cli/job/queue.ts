// `switchyard job queue`: what runs and what waits, in the order in which it will go on.
import type { Command } from "commander";
import type { JobState } from "../../shared/domain/job.ts";
import { acting, type Call } from "../call.ts";
import { count, verbOf } from "../globals.ts";
import { nameColumn, idColumn, reasonOf, stateColumn } from "../output/job-table.ts";
import { printList } from "../output/list.ts";
import { ago } from "../output/time.ts";
import { listed } from "../pages.ts";
import type { Job } from "../shown.ts";

/** As many as are put in order; a queue that is longer is looked at with `job list`. */
const READ_MAX = 1000;

export function addQueue(group: Command): void {
  verbOf(group, "queue", "jobs that run or wait, in order, and why they wait")
    .option("--limit <n>", "how many", count, 50)
    .action(acting(queue));
}

async function queue(call: Call, { limit }: { readonly limit: number }): Promise<void> {
  const open: readonly JobState[] = ["running", "starting", "queued", "delayed", "blocked", "paused", "created"];
  const { items, nextCursor } = await listed<Job>(call.client, "/v1/jobs", { state: open.join(","), order: "asc" }, READ_MAX);
  const ordered = items.toSorted((a, b) => open.indexOf(a.state) - open.indexOf(b.state) || inState(a, b));
  const isCut = nextCursor !== undefined || ordered.length > limit;
  printList(call, { items: ordered.slice(0, limit) }, [
    idColumn,
    stateColumn(call.out.paint),
    nameColumn,
    { title: "PRIO", of: ({ priority }) => priority, align: "right", leftOut: 2 },
    { title: "SINCE", of: ({ queuedAt, createdAt }) => ago(queuedAt ?? createdAt, Date.now()), leftOut: 1 },
    { title: "WHY", of: reasonOf, isFlexible: true },
  ], "Nothing runs, and nothing waits."); // prettier-ignore
  if (isCut && !call.isJson)
    call.err.line(call.err.paint.dim(`${items.length}${nextCursor === undefined ? "" : " or more"} in all; --limit N shows more.`));
}

/** Queued ones by priority, delayed ones by their time; what is equal stays in the order of its coming. */
function inState(a: Job, b: Job): number {
  if (a.state === "queued") return b.priority - a.priority;
  return a.state === "delayed" ? Date.parse(a.nextAttemptAt ?? a.createdAt) - Date.parse(b.nextAttemptAt ?? b.createdAt) : 0;
}
