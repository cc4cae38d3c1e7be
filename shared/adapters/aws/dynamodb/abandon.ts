// Graphs that were given up before their COMMIT, by their writer or for want of one.
import { where } from "./expression.ts";
import { commitKey, graphKey, graphPk, idKey, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { removeJob } from "./remove-job.ts";
import { inTurn } from "./table.ts";

export interface Member {
  readonly uid: string;
  readonly id: string;
  /** It waits for jobs that were there before. */
  readonly waits: boolean;
}

/** Nothing of it was seen, and nothing of it stays. */
export async function abandon(parts: Parts, graph: string): Promise<void> {
  const { table } = parts;
  await table.update(graphKey(graph), { set: { isAbandoned: true } }, { is: {}, exists: "pk" });
  if (await table.get(commitKey(graph))) return;
  const chunks = await parts.edges.all(graphPk(graph), "M#");
  const members = chunks.flatMap((chunk) => chunk.members as Member[]);
  await inTurn(members, 8, async ({ uid, id }) => {
    await removeJob(parts, uid);
    await table.delete(idKey(id), where({ uid }));
  });
  await table.writeAll([], [...chunks.map(({ pk, sk }) => ({ pk, sk }) as Key), graphKey(graph)]);
}

/** True if the id was reserved by a graph that was given up: it is free now. */
export async function forgetAbandoned(parts: Parts, id: string): Promise<boolean> {
  const item = await parts.table.get(idKey(id));
  if (!item) return true;
  if (typeof item.graph !== "string" || (item.until as number) > Date.now() || (await parts.jobs.byUid(item.uid as string))) return false;
  await abandon(parts, item.graph);
  return true;
}
