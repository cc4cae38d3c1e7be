// A job as it lies in the table, and as the domain knows it.
import type { Job } from "../../../domain/job.ts";
import type { Progress } from "../../../domain/progress.ts";
import type { JobView } from "../../../ports/store.ts";
import type { Item } from "./expression.ts";

export interface StoredJob {
  readonly uid: string;
  readonly job: Job;
  readonly events: number;
  readonly lastEvent: string | null;
  /** The number of its place in its pool; null = it holds none. */
  readonly slot: number | null;
  /** Somebody waits for it, or did. */
  readonly hasOut: boolean;
  /** Grows when one of its edges is opened again: whoever decided on the edges as they were is refused. */
  readonly reopened: number;
  /** The graph that it is being written with; it exists only once that is committed. */
  readonly graph: string | null;
  readonly progress: string | null;
}

/** A beat moves the lease without a new version, so the lease lies beside the job. */
export const jobAttributes = (job: Job): Item => ({
  data: JSON.stringify(job), v: job.version, st: job.state, attempt: job.attemptId ?? undefined, lease: job.leaseUntil ?? undefined,
}); // prettier-ignore

export function storedJobOf(item: Item | null): StoredJob | null {
  if (!item || item.isGone) return null;
  const job = JSON.parse(item.data as string) as Job;
  return {
    uid: item.uid as string,
    job: { ...job, leaseUntil: (item.lease as number | undefined) ?? null },
    events: item.events as number,
    lastEvent: (item.lastEvent as string | undefined) ?? null,
    slot: (item.slot as number | undefined) ?? null,
    hasOut: item.hasOut === true,
    reopened: (item.reopened as number | undefined) ?? 0,
    graph: (item.graph as string | undefined) ?? null,
    progress: (item.progress as string | undefined) ?? null,
  };
}

/** A job that is being removed may have lost its body already. */
export const viewOf = ({ job, progress }: StoredJob, body: Item | null, result: Item | null): JobView | null =>
  body && {
    job,
    spec: body.spec as string,
    params: body.params as string,
    progress: progress === null ? null : (JSON.parse(progress) as Progress),
    result: (result?.result as string | undefined) ?? null,
  };
