// Graphs that were given up before their COMMIT, by their writer or for want of one.
import { where } from "./expression.ts";
import { commitKey, graphKey, graphPk, idKey, jobKey, uidIn, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { removeJob } from "./remove-job.ts";
import { storedJobOf, ulidIdOf } from "./stored-job.ts";
import { removeFinished } from "./remove-finished.ts";
import { inTurn } from "./table.ts";

export interface Member {
  readonly uid: string;
  readonly id: string;
  /** It waits for jobs that were there before. */
  readonly waits: boolean;
}

export const isOwnId = ({ id, uid }: Pick<Member, "id" | "uid">): boolean => id !== ulidIdOf(uid);

/** Nothing of it was seen, and nothing of it stays. */
export async function abandon(parts: Parts, graph: string): Promise<void> {
  const { table } = parts;
  await table.update(graphKey(graph), { set: { isAbandoned: true } }, { is: {}, exists: "pk" });
  if (await table.get(commitKey(graph))) return;
  const chunks = await parts.edges.all(graphPk(graph), "M#");
  const members = chunks.flatMap((chunk) => chunk.members as Member[]);
  await inTurn(members, 8, async (member) => {
    const { uid, id } = member;
    // An id of ours that was taken is another job's: this graph has written nothing under it.
    if (!isOwnId(member) && (await table.get(jobKey(uid)))?.graph !== graph) return;
    await removeJob(parts, uid);
    if (isOwnId(member)) await table.delete(idKey(id), where({ uid }));
  });
  await table.writeAll([], [...chunks.map(({ pk, sk }) => ({ pk, sk }) as Key), graphKey(graph)]);
}

/** `key`: of an id or of a job. True if it only seems to be taken: by a graph that was given up, or by a job past its retention. */
export async function forgetAbandoned(parts: Parts, key: Key): Promise<boolean> {
  const { table, jobs } = parts;
  const found = await table.get(key);
  if (!found) return true;
  const item = key.sk === idKey("").sk ? await table.get(jobKey(found.uid as string)) : found;
  const stored = storedJobOf(item);
  if (stored && (await jobs.byUid(stored.uid))) return false;
  const graph = found.graph ?? item?.graph;
  if (typeof graph === "string") return forgetGraph(parts, graph);
  if (stored) await removeFinished(parts, stored);
  else if (item) await removeJob(parts, uidIn(item.pk));
  return item !== null;
}

async function forgetGraph(parts: Parts, graph: string): Promise<boolean> {
  const row = await parts.table.get(graphKey(graph));
  if (row && (row.until as number) > parts.now()) return false;
  await abandon(parts, graph);
  return true;
}
