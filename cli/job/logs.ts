// `switchyard job logs`
import type { Command } from "commander";
import type { LogLineShown } from "../../shared/sdk/job-handle.ts";
import { acting, type Call } from "../call.ts";
import { count, verbOf } from "../globals.ts";
import { detachOnInterrupt } from "../live/detach.ts";
import { followLogs, LogPrinter } from "../live/logs.ts";
import { queryText } from "../pages.ts";
import { jobPath } from "../shown.ts";

interface Options {
  readonly follow?: boolean;
  readonly tail?: number;
  readonly attempt?: number;
  readonly timestamps?: boolean;
}

interface LogPage {
  readonly items: readonly LogLineShown[];
  readonly nextAfter?: number;
}

export function addLogs(group: Command): void {
  verbOf(group, "logs <id>", "what a job printed, stdout and stderr", ["job logs job_1 --tail 20", "job logs -f job_1"])
    .option("-f, --follow", "go on until the job has ended; with --json one line of JSON each")
    .option("--tail <n>", "only the last lines, at most 1000", count)
    .option("--attempt <n>", "only of this attempt", count)
    .option("--timestamps", "the time before each line")
    .action(acting(logs));
}

async function logs(call: Call, { follow, tail, attempt, timestamps = false }: Options, id: string): Promise<void> {
  if (follow) {
    detachOnInterrupt(call.err);
    return followLogs(call, jobPath(id, `/logs${queryText({ follow: 1, tail, attempt })}`), { timestamps });
  }
  const printer = new LogPrinter(call.out, { timestamps });
  const items: LogLineShown[] = [];
  for (let after: number | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const page: LogPage = await call.client.call("GET", jobPath(id, `/logs${queryText({ tail, attempt, after })}`));
    if (call.isJson) items.push(...page.items);
    else for (const line of page.items) printer.print(line);
    after = page.nextAfter;
  }
  if (call.isJson) call.out.json({ items });
}
