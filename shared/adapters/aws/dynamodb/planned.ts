// A graph on its way, however it is written.
import { decodeTime } from "ulid";
import { MINUTE } from "../../../domain/duration.ts";
import type { Job } from "../../../domain/job.ts";
import type { IdempotencyKey, NewGraph, NewRecord } from "../../../ports/store.ts";
import { absent, type Condition, type Item } from "./expression.ts";
import type { NewGroup } from "./groups.ts";
import type { NewJobItems } from "./job-writes.ts";
import { ulidIn } from "./jobs.ts";
import { inKey, keyKey, outKey, type Key } from "./keys.ts";
import type { Placed } from "./placed.ts";
import type { StoredJob } from "./stored-job.ts";
import { TTL_ATTRIBUTE } from "./table-definition.ts";
import type { StoredText } from "./texts.ts";
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

/** And where its texts were put. */
export interface Prepared extends Planned {
  readonly bodies: ReadonlyMap<string, Placed>;
  readonly group: NewGroup | null;
  readonly answer: StoredText | null;
}

export const createdAtOf = ({ records }: Pick<NewGraph, "records">): number => records[0]?.job.createdAt ?? 0;

/** Clocks of two machines differ less. */
const OURS_WITHIN_MS = MINUTE;

/**
 * The ULID of an id that we may have made for this job, which then is its internal id too. A user may choose such an id: one that
 * tells another time than that of its job is taken as any own id, so that jobs sort by the time of their acceptance.
 */
export function ulidOf({ id, createdAt }: Pick<Job, "id" | "createdAt">): string | null {
  const ulid = ulidIn(id);
  return ulid !== null && Math.abs(decodeTime(ulid) - createdAt) <= OURS_WITHIN_MS ? ulid : null;
}

export function itemsOf({ uids, bodies, waitedFor }: Prepared, record: NewRecord): NewJobItems {
  const { id } = record.job;
  return { record, uid: uids.get(id)!, placed: bodies.get(id)!, hasOut: waitedFor.has(id) };
}

/** Taken by whoever writes it first, until its time is over. */
export function putKey(tx: Transaction, { key, bodyHash, untilMs }: IdempotencyKey, answer: StoredText, now: number): void {
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
