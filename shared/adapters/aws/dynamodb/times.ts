// What a point in time brings about: jobs that are due, and those to be removed. An index says who, the job itself whether.
import { wakeAt, type Job } from "../../../domain/job.ts";
import { padded, shards } from "./keys.ts";
import type { Parts } from "./parts.ts";

async function soonest({ table }: Parts, kind: "DUE" | "PURGE", until: string, limit: number): Promise<{ at: number; uid: string }[]> {
  const pages = await Promise.all(
    shards.map((shard) => table.query({ index: "byTime", pk: `${kind}#${shard}`, low: " ", high: until, limit })),
  );
  const rows = pages.flat().map(({ timeSk }) => String(timeSk)).toSorted().slice(0, limit); // prettier-ignore
  return rows.map((row) => ({ at: Number(row.slice(0, row.indexOf("#"))), uid: row.slice(row.indexOf("#") + 1) }));
}

export const toPurge = (parts: Parts, now: number, max: number) => soonest(parts, "PURGE", `${padded(now)}#~`, max);

export async function due(parts: Parts, now: number, max: number): Promise<Job[]> {
  const rows = await soonest(parts, "DUE", `${padded(now)}#~`, max);
  const stored = await parts.jobs.byUids(rows.map(({ uid }) => uid));
  return stored.flatMap((found) => (found && (wakeAt(found.job) ?? Infinity) <= now ? [found.job] : []));
}

export const nextDueAt = async (parts: Parts): Promise<number | null> => (await soonest(parts, "DUE", "~", 1))[0]?.at ?? null;
