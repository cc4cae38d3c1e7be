// Events as items of their subject's partition, and at the same time of the feed of all events.
import type { DatedFact } from "../../../domain/decision.ts";
import type { StoredEvent } from "../../../domain/history.ts";
import type { Job } from "../../../domain/job.ts";
import type { Item } from "./expression.ts";
import { shardOf, type Key } from "./keys.ts";
import { dayOf } from "./ulids.ts";

export { Ulids } from "./ulids.ts";

/** Whose events they are: a job's, a group's, or a workflow's. */
export interface Subject {
  readonly pk: string;
  readonly job?: Pick<Job, "id" | "batchId" | "runId">;
  readonly group?: string;
}

export const eventKey = ({ pk }: Subject, eventId: string): Key => ({ pk, sk: `E#${eventId}` });

export const feedPk = (day: string, shard: number): string => `F#${day}#${shard}`;

export function eventItem({ job, group }: Subject, eid: string, seq: number, fact: DatedFact, at: number): Item {
  return {
    eid, feedPk: feedPk(dayOf(eid), shardOf(eid)), seq, type: fact.type, at: fact.at ?? at, data: JSON.stringify(fact.data),
    job: job?.id, batch: job?.batchId ?? (group?.startsWith("bat_") ? group : undefined), run: job?.runId ?? (group?.startsWith("run_") ? group : undefined),
  }; // prettier-ignore
}

export const eventOf = (item: Item): StoredEvent => ({
  id: item.eid as string,
  seq: item.seq as number,
  type: item.type as StoredEvent["type"],
  at: item.at as number,
  jobId: (item.job as string | undefined) ?? null,
  batchId: (item.batch as string | undefined) ?? null,
  runId: (item.run as string | undefined) ?? null,
  data: JSON.parse(item.data as string) as StoredEvent["data"],
});
