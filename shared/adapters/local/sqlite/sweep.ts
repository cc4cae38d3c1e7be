// Removes what is past its retention, in bounded steps.
import type { DatabaseSync } from "node:sqlite";
import { DAY } from "../../../domain/duration.ts";
import { bucketOf } from "../../../domain/group.ts";
import type { EndReason, JobState } from "../../../domain/job.ts";
import type { Work } from "./work.ts";

const tablesOfJobs = ["bodies", "results", "progress", "tags", "jobs"];

/** At most `max` jobs with all that hangs on them. A job whose result somebody still waits for is kept for another day. */
export function sweep(work: Work, database: DatabaseSync, now: number, max: number): string[] {
  work.sql.forgetKeys.run(now, max);
  const removed: string[] = [];
  const groups = new Set<string>();
  for (const { n, id, batchId, runId, state, endReason } of work.sql.toPurge.all(now, max)) {
    if (work.sql.hasUnfinishedChild.get(n!)) {
      work.sql.keepLonger.run(now + DAY, n!);
      continue;
    }
    for (const table of tablesOfJobs) database.prepare(`DELETE FROM ${table} WHERE n = ?`).run(n!);
    database.prepare("DELETE FROM edges WHERE child = ?1 OR parent = ?1").run(n!);
    database.prepare("DELETE FROM events WHERE job = ?").run(n!);
    removed.push(id as string);
    const bucket = bucketOf({
      state: state as JobState,
      endReason: endReason === null ? null : (JSON.parse(String(endReason)) as EndReason),
    });
    work.counted.set(bucket, (work.counted.get(bucket) ?? 0) - 1);
    for (const group of [batchId, runId]) if (typeof group === "string") groups.add(group);
  }
  for (const group of groups) removeIfEmpty(database, group);
  return removed;
}

function removeIfEmpty(database: DatabaseSync, group: string): void {
  const member = database.prepare("SELECT 1 FROM jobs WHERE batchId = ?1 OR runId = ?1 LIMIT 1").get(group);
  if (member) return;
  for (const table of ["tally", "events"]) database.prepare(`DELETE FROM ${table} WHERE groupId = ?`).run(group);
  database.prepare("DELETE FROM groups WHERE id = ?").run(group);
}
