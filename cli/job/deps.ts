// `switchyard job deps`: what a job waits for, and what waits for it.
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { paintState } from "../output/state.ts";
import { table } from "../output/table.ts";
import { listed } from "../pages.ts";
import { jobPath } from "../shown.ts";

interface Edge {
  readonly job: string;
  readonly on: string;
  readonly pass: string;
  readonly met: string;
  readonly state: string;
}

export function addDeps(group: Command): void {
  verbOf(group, "deps <id>", "the jobs that a job waits for, and those that wait for it").action(acting(deps));
}

async function deps({ client, isJson, out, err }: Call, _options: unknown, id: string): Promise<void> {
  const [dependencies, dependents] = await Promise.all([
    listed<Edge>(client, jobPath(id, "/dependencies"), {}, Infinity),
    listed<Edge>(client, jobPath(id, "/dependents"), {}, Infinity),
  ]);
  if (isJson) return out.json({ dependencies, dependents });
  const rows = [
    ...dependencies.items.map((edge) => ({ ...edge, side: "waits for" })),
    ...dependents.items.map((edge) => ({ ...edge, side: "is waited for by" })),
  ];
  if (rows.length === 0) return err.line(err.paint.dim("It depends on no job, and none depends on it."));
  const columns = [
    { title: "IT", of: ({ side }: (typeof rows)[0]) => side },
    { title: "JOB", of: ({ job }: (typeof rows)[0]) => job },
    {
      title: "STATE",
      of: ({ state }: (typeof rows)[0]) => state,
      paint: (cell: string, { state }: (typeof rows)[0]) => paintState(out.paint, state, cell),
    },
    { title: "ON", of: ({ on }: (typeof rows)[0]) => on },
    { title: "PASS", of: ({ pass }: (typeof rows)[0]) => pass, leftOut: 1 },
    { title: "EDGE", of: ({ met }: (typeof rows)[0]) => met },
  ];
  for (const line of table(columns, rows, out)) out.line(line);
}
