// `switchyard run status`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { RunJobs } from "../live/run-jobs.ts";
import { runView, stepsSeen } from "../live/run-view.ts";
import { clean, cut } from "../output/text.ts";
import { reasonOf } from "../output/job-table.ts";
import { runPath, type Run } from "../shown.ts";

const FAILED_SHOWN = 10;
const RESULT_MAX = 400;

export function addStatus(group: Command): void {
  verbOf(group, "status <id>", "how a run and its steps stand").action(acting(status));
}

async function status({ client, isJson, out }: Call, _options: unknown, id: string): Promise<void> {
  const run = await client.call<Run>("GET", runPath(id));
  if (isJson) return out.json(run);
  const jobs = new RunJobs(client, id);
  await jobs.refresh();
  for (const line of runView(run, stepsSeen(run, jobs.get), Date.now(), out)) out.line(line);
  const ids = run.steps?.flatMap((step) => step.jobs) ?? [];
  const failures = ids.map(jobs.get).filter((job) => job?.state === "failed");
  for (const job of failures.slice(0, FAILED_SHOWN))
    out.line(`\n${job!.id} (${clean(job!.step ?? "")}) ${out.paint.red(clean(reasonOf(job!)))}`);
  if (run.result !== undefined) out.line(`\nresult  ${cut(clean(JSON.stringify(run.result)), Math.min(RESULT_MAX, out.width - 8))}`);
}
