// `switchyard job status`: one job, or how things stand.
import type { Command } from "commander";
import type { List } from "../../shared/sdk/client.ts";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { jobDetail } from "../output/job-detail.ts";
import { jobColumns, idColumn, nameColumn, reasonOf } from "../output/job-table.ts";
import { countsText } from "../output/state.ts";
import { table } from "../output/table.ts";
import { ago } from "../output/time.ts";
import { jobPath, type Executor, type Job } from "../shown.ts";

const RUNNING_SHOWN = 20;
const FAILED_SHOWN = 5;

export function addStatus(group: Command): void {
  verbOf(group, "status [id]", "one job; without an id an overview of all", ["job status", "job status job_1 --json"]).action(
    acting((call, _options, id: string | undefined) => (id === undefined ? overview(call) : one(call, id))),
  );
}

async function one({ client, isJson, out }: Call, id: string): Promise<void> {
  const job = await client.call<Job>("GET", jobPath(id));
  if (isJson) return out.json(job);
  for (const line of jobDetail(job, Date.now(), out)) out.line(line);
}

async function overview({ client, isJson, out }: Call): Promise<void> {
  const [stats, executors, running, failures] = await Promise.all([
    client.call<{ counts: Record<string, number> }>("GET", "/v1/stats"),
    client.call<List<Executor>>("GET", "/v1/executors"),
    client.call<List<Job>>("GET", `/v1/jobs?state=starting,running&limit=${RUNNING_SHOWN}`),
    client.call<List<Job>>("GET", `/v1/jobs?state=failed&limit=${FAILED_SHOWN}`),
  ]);
  if (isJson) return out.json({ counts: stats.counts, executors: executors.items, running: running.items, failed: failures.items });
  const { paint } = out;
  const section = (title: string, lines: readonly string[]): void => {
    out.line(`\n${paint.bold(title)}`);
    for (const line of lines) out.line(line);
  };
  const now = Date.now();
  out.line(Object.keys(stats.counts).length === 0 ? "No jobs yet." : `Jobs: ${countsText(stats.counts, paint)}`);
  section("Executors", table([
    { title: "NAME", of: ({ name }) => name },
    { title: "TYPES", of: ({ types }) => types.join(","), isFlexible: true },
    { title: "RUNNING", of: ({ running: held, capacity }) => (capacity === undefined ? "" : `${held}/${capacity}`), align: "right" },
    { title: "ROOM", of: ({ running: held, capacity }) => (capacity === undefined ? "as needed" : Math.max(0, capacity - (held ?? 0))), align: "right" },
  ], executors.items, out)); // prettier-ignore
  if (running.items.length > 0)
    section(
      "Running now",
      table([...jobColumns(paint, now), { title: "PROGRESS", of: reasonOf, isFlexible: true, leftOut: 4 }], running.items, out),
    );
  if (failures.items.length > 0) {
    const why = { title: "ERROR", of: reasonOf, isFlexible: true };
    section(
      "Last failures",
      table([idColumn, nameColumn, { title: "WHEN", of: (job: Job) => ago(job.finishedAt, now), leftOut: 1 }, why], failures.items, out),
    );
  }
  if (Object.keys(stats.counts).length > 0) out.line(paint.dim("\nswitchyard job list · job queue · job status ID"));
}
