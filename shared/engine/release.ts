// What follows from the end of a job: dependants beyond the first page, and batches and runs that may be over.
import type { Committed } from "../ports/store.ts";
import type { Context } from "./context.ts";
import { evaluateGroupById } from "./evaluate-group.ts";
import { persist } from "./persist.ts";

/** Returns at once; what is left to do is done in the background, and by `recover` if this process does not live to do it. */
export function follow(context: Context, { ended, unreleased, idleGroups }: Committed & { ok: true }): void {
  for (const id of ended) context.signals.ended(id);
  for (const parent of unreleased) context.attempts.background(persist(() => release(context, parent)));
  for (const group of idleGroups) context.attempts.background(persist(() => evaluateGroupById(context, group)));
}

export async function release(context: Context, parent: string): Promise<void> {
  for (;;) {
    const answer = await context.store.release(parent, context.now());
    if (!answer.ok) return;
    if (answer.queued.length > 0) context.wakeLanes(answer.queued);
    const { unreleased } = answer;
    follow(context, { ...answer, unreleased: unreleased.filter((id) => id !== parent) });
    if (!unreleased.includes(parent)) return;
  }
}
