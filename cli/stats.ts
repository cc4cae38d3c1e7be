// `switchyard stats`
import type { Command } from "commander";
import { jobStates } from "../shared/domain/job.ts";
import { acting, type Call } from "./call.ts";
import { verbOf } from "./globals.ts";
import { bar, paintState } from "./output/state.ts";
import { table } from "./output/table.ts";

interface Stats {
  readonly counts: Readonly<Record<string, number>>;
}

const BAR = 24;

export function addStats(program: Command): void {
  verbOf(program, "stats", "how many jobs are in which state").action(acting(stats));
}

async function stats({ client, isJson, out, err }: Call): Promise<void> {
  const answer = await client.call<Stats>("GET", "/v1/stats");
  if (isJson) return out.json(answer);
  const rows = jobStates.flatMap((state) => (answer.counts[state] === undefined ? [] : [{ state, count: answer.counts[state] }]));
  if (rows.length === 0) return err.line(err.paint.dim("No jobs yet."));
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  const columns = [
    {
      title: "STATE",
      of: ({ state }: (typeof rows)[0]) => state,
      paint: (cell: string, { state }: (typeof rows)[0]) => paintState(out.paint, state, cell),
    },
    { title: "JOBS", of: ({ count }: (typeof rows)[0]) => count, align: "right" as const },
    { title: "SHARE", of: ({ count }: (typeof rows)[0]) => `${((100 * count) / all).toFixed(1)} %`, align: "right" as const },
    ...(out.isTerminal ? [{ title: "", of: ({ count }: (typeof rows)[0]) => bar((100 * count) / all, BAR), leftOut: 1 }] : []),
  ];
  for (const line of table(columns, rows, out)) out.line(line);
  const ended = (answer.counts.completed ?? 0) + (answer.counts.failed ?? 0);
  if (ended > 0)
    out.line(
      out.paint.dim(
        `\n${all} in all, ${((100 * (answer.counts.completed ?? 0)) / ended).toFixed(1)} % of those that ended by themselves completed`,
      ),
    );
}
