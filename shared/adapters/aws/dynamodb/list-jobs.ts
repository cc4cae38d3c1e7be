/*
 * Lists of jobs, newest first or oldest first. An index names the jobs, each is read again and looked at: a page may be short,
 * and its cursor, an internal id, goes on behind the last job that was looked at.
 */
import type { JobQuery, JobView, Page } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { boundsOf, isWanted, mergedUids, sourcesOf } from "./job-sources.ts";
import type { Parts } from "./parts.ts";
import { sortedJobs } from "./sort-jobs.ts";
import type { StoredJob } from "./stored-job.ts";

/** Jobs that one page may look at. */
const SCANNED_MAX = 1000;

export async function listJobs(parts: Parts, query: JobQuery): Promise<Page<JobView>> {
  if ((query.sort ?? "createdAt") !== "createdAt" || query.offset !== undefined) return sortedJobs(parts, query);
  refuseForeign(query.after, "job");
  const sources = sourcesOf(query);
  const found: StoredJob[] = [];
  let [cursor, scanned, isExhausted] = [query.after, 0, false];
  while (found.length <= query.limit && scanned < SCANNED_MAX && !isExhausted) {
    const chunk = Math.max(query.limit + 1, Math.min(100, scanned));
    const uids = await mergedUids(parts.table, sources, { ...boundsOf(query, cursor), order: query.order, after: cursor, limit: chunk });
    const stored = (await parts.jobs.byUids(uids)).filter((job) => job !== null);
    found.push(...stored.filter((job) => isWanted(job, query)));
    isExhausted = uids.length < chunk;
    scanned += uids.length;
    cursor = uids.at(-1) ?? cursor;
  }
  const views = await parts.jobs.viewsOf(found.slice(0, query.limit));
  const items = views.filter((view) => view !== null);
  if (found.length > views.length) return { items, next: found[views.length - 1]!.uid };
  return isExhausted || cursor === undefined ? { items } : { items, next: cursor };
}
