// Lists in another order than that of acceptance, and offsets: no index has them, so all jobs that the filters name are read and
// sorted here, within a bound.
import { SwitchyardError } from "../../../domain/errors.ts";
import type { JobQuery, JobView, Page } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { boundsOf, isWanted, mergedUids, sourcesOf } from "./job-sources.ts";
import type { Parts } from "./parts.ts";
import type { StoredJob } from "./stored-job.ts";

/** The cursor is how far one has come. @throws SwitchyardError `list.too_broad` */
export async function sortedJobs(parts: Parts, query: JobQuery): Promise<Page<JobView>> {
  refuseForeign(query.after, "position");
  const { sortedMax } = parts;
  const uids = await mergedUids(parts.table, sourcesOf(query), { ...boundsOf(query), limit: sortedMax + 1 });
  if (uids.length > sortedMax) throw tooBroad(query, sortedMax);
  const stored = (await parts.jobs.byUids(uids)).filter((job) => job !== null);
  const all = inOrder(stored.filter((job) => isWanted(job, query)), query); // prettier-ignore
  const skipped = query.after === undefined ? (query.offset ?? 0) : Number(query.after);
  const views = await parts.jobs.viewsOf(all.slice(skipped, skipped + query.limit));
  const items = views.filter((view) => view !== null);
  const end = skipped + views.length;
  return end < all.length ? { items, next: String(end) } : { items };
}

function inOrder(jobs: readonly StoredJob[], { sort = "createdAt", order }: JobQuery): StoredJob[] {
  // An id that we made tells the time too: of equal ones, the order of acceptance decides.
  const valueOf = ({ job }: StoredJob): string | number => (sort === "createdAt" ? 0 : (job[sort] ?? ""));
  const sorted = jobs.toSorted((a, b) => compared(valueOf(a), valueOf(b)) || compared(a.uid, b.uid));
  return order === "asc" ? sorted : sorted.toReversed();
}

const compared = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

function tooBroad({ sort, offset }: JobQuery, max: number): SwitchyardError {
  const path = sort !== undefined && sort !== "createdAt" ? "sort" : "offset";
  const what = path === "sort" ? `sorted by ${sort}` : `skipped by an offset of ${offset}`;
  return new SwitchyardError(
    "list.too_broad",
    `More than ${max} jobs would have to be ${what}. Narrow the list by batch, run, tag, name, a time or states other than completed, or leave ${path} out.`,
    { faults: [{ path, message: `needs a filter that leaves at most ${max} jobs` }] },
  );
}
