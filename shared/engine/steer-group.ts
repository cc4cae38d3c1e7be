// What users do to a batch or a run: the wish is written first, then done job by job; a crash between leaves the wish for `recover`.
import { SwitchyardError } from "../domain/errors.ts";
import { isGroupEnd, nextGroup, type Group, type GroupKind, type GroupState, type Tally } from "../domain/group.ts";
import type { Fact } from "../../events/catalogue.ts";
import type { JobState } from "../domain/job.ts";
import type { JobView } from "../ports/store.ts";
import type { Context } from "./context.ts";
import { evaluateGroupById } from "./evaluate-group.ts";
import { changeJob } from "./change.ts";
import { reservedAgain } from "../domain/steer.ts";
import { cancelJob, leaveRefused, pauseJob, reopenGroups, resumeJob, retryJob, startJob } from "./steer.ts";

export interface Found {
  readonly group: Group;
  readonly tally: Tally;
}

/** @throws SwitchyardError `batch.not_found` or `run.not_found` */
export async function existingGroup(context: Context, kind: GroupKind, id: string): Promise<Found> {
  const found = await context.store.group(id);
  if (found?.group.kind !== kind) throw new SwitchyardError(`${kind}.not_found`, `There is no ${kind} ${id}.`);
  return found;
}

type Decide = (group: Group) => { readonly changes: Partial<Group>; readonly facts: readonly Fact[] } | null;

async function changeGroup(context: Context, kind: GroupKind, id: string, decide: Decide): Promise<Group> {
  for (;;) {
    const { group } = await existingGroup(context, kind, id);
    const decision = decide(group);
    if (decision === null) return group;
    const next = nextGroup(group, decision.changes, ...decision.facts);
    const answer = await context.store.commit({ groups: [next] });
    if (answer.ok) {
      context.signals.changed(id);
      return next.group;
    }
  }
}

function mustBe(group: Group, allowed: readonly GroupState[], what: string): void {
  if (allowed.includes(group.state)) return;
  throw new SwitchyardError(`${group.kind}.wrong_state`, `The ${group.kind} ${group.id} is ${group.state}; ${what}.`);
}

export async function startGroup(context: Context, kind: GroupKind, id: string): Promise<Found> {
  const group = await changeGroup(context, kind, id, (stored) => {
    mustBe(stored, ["created", "running"], "only one that was created without starting can be started");
    return stored.state === "running" ? null : { changes: { state: "running" }, facts: [{ type: `${kind}.started`, data: {} }] };
  });
  await eachJob(context, group, ["created"], (job) => (job.id === group.onFailureJob ? Promise.resolve() : startJob(context, job.id)));
  return existingGroup(context, kind, id);
}

export async function pauseGroup(context: Context, kind: GroupKind, id: string): Promise<Found> {
  const group = await changeGroup(context, kind, id, (stored) => {
    mustBe(stored, ["created", "running", "paused"], "what has ended cannot be paused");
    return stored.state === "paused" ? null : { changes: { state: "paused" }, facts: [{ type: `${kind}.paused`, data: {} }] };
  });
  await eachJob(context, group, ["blocked", "delayed", "queued"], (job) => pauseJob(context, job.id));
  return existingGroup(context, kind, id);
}

export async function resumeGroup(context: Context, kind: GroupKind, id: string): Promise<Found> {
  const group = await changeGroup(context, kind, id, (stored) => {
    mustBe(stored, ["paused"], "only a paused one can be resumed");
    return { changes: { state: "running" }, facts: [{ type: `${kind}.resumed`, data: {} }] };
  });
  await eachJob(context, group, ["paused"], (job) => resumeJob(context, job.id));
  return existingGroup(context, kind, id);
}

export async function cancelGroup(context: Context, kind: GroupKind, id: string): Promise<Found> {
  const group = await changeGroup(context, kind, id, (stored) => {
    if (stored.state === "cancelled" || stored.cancelRequestedAt !== null) return null;
    if (isGroupEnd(stored.state)) mustBe(stored, [], "what has ended cannot be cancelled");
    return { changes: { cancelRequestedAt: context.now() }, facts: [] };
  });
  await cancelJobsOf(context, group);
  return existingGroup(context, kind, id);
}

/** Also what `recover` does for a wish that a crash interrupted. */
export async function cancelJobsOf(context: Context, group: Group): Promise<void> {
  await eachJob(context, group, ["created", "blocked", "delayed", "queued", "paused", "starting", "running"], (job) =>
    cancelJob(context, job.id),
  );
  await evaluateGroupById(context, group.id);
}

/** From the failed jobs on: whoever waited for them follows. */
export async function retryGroup(context: Context, kind: GroupKind, id: string): Promise<Found> {
  const { group } = await existingGroup(context, kind, id);
  mustBe(group, ["failed", "partial", "cancelled"], "only one that ended with failures or was cancelled can be retried");
  const { onFailureJob } = group;
  // First, so that the run cannot end without it.
  if (onFailureJob !== null) await reserveAgain(context, onFailureJob);
  await eachJob(context, group, ["failed", "cancelled"], (job) => retryJob(context, job.id));
  return existingGroup(context, kind, id);
}

async function reserveAgain(context: Context, id: string): Promise<void> {
  await changeJob(context, id, (stored) => reservedAgain(stored, context.now()), { also: (job) => reopenGroups(context, job) });
}

const PAGE = 200;

async function eachJob(
  context: Context,
  group: Group,
  states: readonly JobState[],
  act: (job: JobView["job"]) => Promise<unknown>,
): Promise<void> {
  const scope = group.kind === "batch" ? { batchId: group.id } : { runId: group.id };
  let after: string | undefined;
  do {
    const page = await context.store.jobs({ ...scope, states, limit: PAGE, after, order: "asc" });
    await Promise.all(page.items.map(({ job }) => leaveRefused(act(job))));
    after = page.next;
  } while (after !== undefined);
}
