// A graph on its way, however it is written.
import type { IdempotencyKey, NewGraph } from "../../../ports/store.ts";
import { absent, type Condition, type Item } from "./expression.ts";
import { inKey, keyKey, outKey, type Key } from "./keys.ts";
import type { StoredJob } from "./stored-job.ts";
import { TTL_ATTRIBUTE } from "./table-definition.ts";
import type { Transaction } from "./transaction.ts";

/** What is known of it before it is written. */
export interface Planned {
  readonly graph: NewGraph;
  readonly uids: ReadonlyMap<string, string>;
  /** Parents that were there before. */
  readonly parents: ReadonlyMap<string, StoredJob>;
  /** Jobs of the graph that others wait for. */
  readonly waitedFor: ReadonlySet<string>;
}

export const createdAtOf = ({ records }: Pick<NewGraph, "records">): number => records[0]?.job.createdAt ?? 0;

/** Taken by whoever writes it first, until its time is over. */
export function putKey(tx: Transaction, { key, bodyHash, answer, untilMs }: IdempotencyKey, now: number): void {
  const condition: Condition = { ...absent, orAtMost: ["untilMs", now] };
  tx.put(keyKey(key), { bodyHash, answer, untilMs, [TTL_ATTRIBUTE]: Math.ceil(untilMs / 1000) }, condition);
}

export function edgesOf({ graph, uids, parents }: Planned): { keys: Key[]; item: Item }[] {
  return graph.records.flatMap(({ job: child, dependencies }) =>
    dependencies.map(({ job: parent, on, pass, label }) => {
      const [childUid, parentUid] = [uids.get(child.id)!, uids.get(parent) ?? parents.get(parent)!.uid];
      const item = { child: child.id, parent, childUid, parentUid, on, pass, label, state: "open" };
      return { keys: [inKey(childUid, parentUid, true), outKey(parentUid, childUid, true)], item };
    }),
  );
}
