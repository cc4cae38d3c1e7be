// `switchyard batch status`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { batchView } from "../live/watch-batch.ts";
import { nameColumn, idColumn, reasonOf, stateColumn } from "../output/job-table.ts";
import { table } from "../output/table.ts";
import { listed } from "../pages.ts";
import { batchPath, type Batch, type Job } from "../shown.ts";

const FAILED_SHOWN = 10;

export function addStatus(group: Command): void {
  verbOf(group, "status <id>", "how a batch stands, and which of its jobs failed").action(acting(status));
}

async function status({ client, isJson, out }: Call, _options: unknown, id: string): Promise<void> {
  const batch = await client.call<Batch>("GET", batchPath(id));
  if (isJson) return out.json(batch);
  for (const line of batchView(batch, Date.now(), out)) out.line(line);
  const failures = await listed<Job>(client, "/v1/jobs", { batch: id, state: "failed" }, FAILED_SHOWN);
  if (failures.items.length === 0) return;
  out.line(`\n${out.paint.bold("Failed")}`);
  for (const line of table(
    [idColumn, stateColumn(out.paint), nameColumn, { title: "WHY", of: reasonOf, isFlexible: true }],
    failures.items,
    out,
  ))
    out.line(line);
  if (failures.nextCursor !== undefined) out.line(out.paint.dim(`switchyard job list --batch ${id} --state failed`));
}
