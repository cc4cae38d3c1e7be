// Requests that wait for an end: woken by signals, never by polling.
import { isGroupEnd } from "../domain/group.ts";
import { isFinished } from "../domain/job.ts";
import { existing } from "../engine/change.ts";
import type { Context } from "../engine/context.ts";
import { existingGroup, type Found } from "../engine/steer-group.ts";
import type { JobView } from "../ports/store.ts";

const withinRequest = ({ requestMsMax }: Context, ms: number): number => Math.min(ms, requestMsMax ?? ms);

export const waitForJob = (context: Context, id: string, ms: number): Promise<JobView> =>
  context.signals.until(id, withinRequest(context, ms), async () => {
    const seen = await existing(context, id);
    return { done: isFinished(seen.job), seen };
  });

export const waitForGroup = (context: Context, kind: "batch" | "run", id: string, ms: number): Promise<Found> =>
  context.signals.until(id, withinRequest(context, ms), async () => {
    const seen = await existingGroup(context, kind, id);
    return { done: isGroupEnd(seen.group.state), seen };
  });
