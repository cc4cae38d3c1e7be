// Batches and runs: jobs that belong together, and what their end says about the whole.
import type { Fact } from "../../events/catalogue.ts";
import type { Job, JobState } from "./job.ts";
import type { JsonText } from "./json.ts";

export type GroupKind = "batch" | "run";
export const groupStates = ["created", "running", "paused", "completed", "partial", "failed", "cancelled"] as const;
export type GroupState = (typeof groupStates)[number];

export interface Group {
  readonly id: string;
  readonly kind: GroupKind;
  readonly name: string | null;
  readonly state: GroupState;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  readonly cancelRequestedAt: number | null;
  readonly jobs: number;
  /** Failures that leave it `partial`. */
  readonly tolerate: number;
  /** Of a run: the version of the workflow, its params, and the job that waits for a failure of the others. */
  readonly workflowVersion: number | null;
  readonly params: JsonText | null;
  readonly onFailureJob: string | null;
  readonly version: number;
}

/** Jobs by state; `skipped` are those cancelled because their case did not come. */
export type Tally = Readonly<Partial<Record<JobState | "skipped", number>>>;

export const bucketOf = (job: Pick<Job, "state" | "endReason">): keyof Tally =>
  job.state === "cancelled" && job.endReason?.skipped ? "skipped" : job.state;

const endBuckets: ReadonlySet<string> = new Set(["completed", "failed", "cancelled", "skipped"]);

export const openJobs = (tally: Tally): number =>
  Object.entries(tally).reduce((sum, [bucket, count]) => (endBuckets.has(bucket) ? sum : sum + count), 0);

/** What users are shown: skipped jobs are cancelled ones, and a state without jobs is not named. */
export function countsOf(tally: Tally): Record<string, number> {
  const { skipped = 0, ...states } = tally;
  const counts = Object.fromEntries(Object.entries(states).filter(([, count]) => count > 0));
  return skipped > 0 ? { ...counts, cancelled: (counts.cancelled ?? 0) + skipped } : counts;
}

export const isGroupEnd = (state: GroupState): boolean => state !== "created" && state !== "running" && state !== "paused";

export interface GroupDecision {
  readonly group: Group;
  readonly facts: readonly Fact[];
}

export function nextGroup(group: Group, changes: Partial<Group>, ...facts: Fact[]): GroupDecision {
  return { group: { ...group, ...changes, version: group.version + 1 }, facts };
}

/** What follows when nothing in the group is open but, perhaps, the job that waits for a failure. */
export type Evaluated =
  | { readonly do: "wait" }
  | { readonly do: "startOnFailure" | "skipOnFailure"; readonly job: string }
  | { readonly do: "end"; readonly decision: GroupDecision };

export function evaluateGroup(group: Group, tally: Tally, onFailure: Pick<Job, "id" | "state"> | null, now: number): Evaluated {
  if (isGroupEnd(group.state)) return { do: "wait" };
  const reserve = onFailure?.state === "created" ? 1 : 0;
  if (openJobs(tally) > reserve) return { do: "wait" };
  if (onFailure && reserve > 0) {
    const isNeeded = (tally.failed ?? 0) > 0 && group.cancelRequestedAt === null;
    return { do: isNeeded ? "startOnFailure" : "skipOnFailure", job: onFailure.id };
  }
  const state = endStateOf(group, tally);
  const fact: Fact = { type: `${group.kind}.${state}`, data: { counts: countsOf(tally) } };
  return { do: "end", decision: nextGroup(group, { state, finishedAt: now }, fact) };
}

function endStateOf(group: Group, tally: Tally): "completed" | "partial" | "failed" | "cancelled" {
  if (group.cancelRequestedAt !== null) return "cancelled";
  const failures = (tally.failed ?? 0) + (tally.cancelled ?? 0);
  if (failures === 0) return "completed";
  if ((tally.failed ?? 0) === 0 && group.tolerate < failures) return "cancelled";
  return failures <= group.tolerate ? "partial" : "failed";
}
