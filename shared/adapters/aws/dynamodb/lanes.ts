// Who waits in a lane, the best first. Strong: a waiter that was written is seen.
import { lanePk, shards } from "./keys.ts";
import type { Table } from "./table.ts";

export async function bestWaiting(table: Table, lane: string, limit: number): Promise<string[]> {
  const pages = await Promise.all(shards.map((shard) => table.query({ pk: lanePk(lane, shard), low: " ", high: "~", limit })));
  const rows = pages.flat().toSorted((a, b) => (String(a.sk) < String(b.sk) ? -1 : 1));
  return rows.slice(0, limit).map(({ uid }) => uid as string);
}
