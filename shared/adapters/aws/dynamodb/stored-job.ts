// A job as it lies in the table, and as the domain knows it.
import { started } from "../../../domain/attempt.ts";
import { isFinished, type Job } from "../../../domain/job.ts";
import type { Item } from "./expression.ts";
import { packJob, unpackJob } from "./job-data.ts";
import { eventsIn, following, type KeptEvent } from "./kept-events.ts";
import { uidIn } from "./keys.ts";
import { TTL_ATTRIBUTE } from "./table-definition.ts";
import type { StoredText } from "./texts.ts";

export interface StoredJob {
  readonly uid: string;
  readonly job: Job;
  /** As its groups count it: a start of which only the claim tells is not counted there yet. */
  readonly counted: Pick<Job, "state" | "endReason">;
  /** The latest of them. */
  readonly events: readonly KeptEvent[];
  readonly hasOwnId: boolean;
  readonly tags: readonly string[];
  /** Null = they have an item of their own. */
  readonly body: { readonly spec: StoredText; readonly params: StoredText } | null;
  readonly result: StoredText | null;
  readonly isResultApart: boolean;
  readonly progress: StoredText | null;
  /** The number of its place in its pool; null = it holds none. */
  readonly slot: number | null;
  /** Somebody waits for it, or did. */
  readonly hasOut: boolean;
  /** Something of it lies among the payloads, whoever put it there. */
  readonly hasFiles: boolean;
  /** Grows when one of its edges is opened again: whoever decided on the edges as they were is refused. */
  readonly reopened: number;
  /** The graph that it is being written with; it exists only once that is committed. */
  readonly graph: string | null;
  /** DynamoDB forgets it then, or days later: from then on it is not there. Null = it is swept away, or not over. */
  readonly goneAt: number | null;
}

/** What is fenced, claimed or moved by a beat lies beside the rest. */
export const jobAttributes = (job: Job): Item => ({
  data: packJob(job), v: job.version, st: job.state, attempt: job.attemptId ?? undefined, lease: job.leaseUntil ?? undefined,
  wish: job.cancelRequestedAt ?? undefined, claim: undefined, claimedAt: undefined,
}); // prettier-ignore

export const ulidIdOf = (uid: string): string => `job_${uid}`;

export function storedJobOf(item: Item | null): StoredJob | null {
  if (!item || item.isGone) return null;
  const uid = uidIn(item.pk);
  const job = unpackJob(item.data as string, {
    id: (item.id as string | undefined) ?? ulidIdOf(uid), state: item.st as Job["state"], attemptId: orNull(item.attempt),
    leaseUntil: orNull(item.lease), cancelRequestedAt: orNull(item.wish), version: item.v as number,
  }); // prettier-ignore
  return {
    uid, counted: job, ...withClaim(job, eventsIn(item), item.claimedAt), hasOwnId: item.id !== undefined,
    tags: (item.tags as string[] | undefined) ?? [],
    body: item.params === undefined ? null : { spec: item.spec as StoredText, params: item.params as StoredText },
    result: orNull(item.result), isResultApart: item.isResultApart === true, progress: orNull(item.progress), slot: orNull(item.slot),
    hasOut: item.hasOut === true, hasFiles: item.hasFiles === true, reopened: (item.reopened as number | undefined) ?? 0,
    graph: orNull(item.graph), goneAt: item[TTL_ATTRIBUTE] === undefined ? null : keptUntil(job),
  }; // prettier-ignore
}

const orNull = <T>(value: unknown): T | null => (value as T | undefined) ?? null;

/** An attempt that was claimed is running: decided here as the writer of its start would have. The claim counted the version. */
function withClaim(job: Job, events: readonly KeptEvent[], claimedAt: unknown): Pick<StoredJob, "job" | "events"> {
  if (job.state !== "starting" || typeof claimedAt !== "string") return { job, events };
  const at = Date.parse(claimedAt);
  const decision = started({ ...job, version: job.version - 1 }, job.executor, at, job.leaseUntil);
  return { job: decision.job, events: [...events, ...following(events.at(-1), decision.facts, at)] };
}

export const keptUntil = (job: Job): number | null =>
  isFinished(job) && job.finishedAt !== null ? job.finishedAt + job.retentionMs : null;

type Bound = Pick<StoredJob, "job" | "hasOwnId" | "tags" | "hasOut">;
/** Nothing elsewhere names it: DynamoDB may forget it by itself. */
export const isPlain = ({ job, hasOwnId, tags, hasOut }: Bound): boolean =>
  !hasOwnId && tags.length === 0 && !hasOut && !job.hasDependencies && job.batchId === null && job.runId === null && job.pool === null;
