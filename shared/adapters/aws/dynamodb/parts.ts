// The store's parts, as its verbs use them.
import type { Edges } from "./edges.ts";
import type { Follow } from "./follow.ts";
import type { Groups } from "./groups.ts";
import type { JobWrites } from "./job-writes.ts";
import type { Jobs } from "./jobs.ts";
import type { Pools } from "./pools.ts";
import type { Table } from "./table.ts";
import type { Ulids } from "./ulids.ts";

export interface Parts {
  readonly table: Table;
  readonly ulids: Ulids;
  readonly jobs: Jobs;
  readonly writes: JobWrites;
  readonly pools: Pools;
  readonly groups: Groups;
  readonly edges: Edges;
  readonly follow: Follow;
}
