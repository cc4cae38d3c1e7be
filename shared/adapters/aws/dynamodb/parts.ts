// The store's parts, as its verbs use them.
import type { Edges } from "./edges.ts";
import type { Follow } from "./follow.ts";
import type { Groups } from "./groups.ts";
import type { Jobs } from "./jobs.ts";
import type { Pools } from "./pools.ts";
import type { Table } from "./table.ts";
import type { Texts } from "./texts.ts";
import type { Ulids } from "./ulids.ts";

export interface Parts {
  readonly table: Table;
  readonly texts: Texts;
  readonly ulids: Ulids;
  readonly jobs: Jobs;
  readonly pools: Pools;
  readonly groups: Groups;
  readonly edges: Edges;
  readonly follow: Follow;
  readonly now: () => number;
  /** How long sweeps leave to DynamoDB what it should forget by itself. */
  readonly ttlGraceMs: number;
  /** Jobs that a list looks at to put them in another order. */
  readonly sortedMax: number;
}
