// Whether a batch or a run is over. Level-triggered: it may be asked at any time and by anybody.
import { cancelled, startedByHand } from "../domain/begin.ts";
import { isRefused } from "../domain/decision.ts";
import { evaluateGroup } from "../domain/group.ts";
import type { Context } from "./context.ts";
import { changeJob } from "./change.ts";

export async function evaluateGroupById(context: Context, id: string): Promise<void> {
  for (;;) {
    const found = await context.store.group(id);
    if (!found) return;
    const { onFailureJob } = found.group;
    const onFailure = onFailureJob === null ? null : ((await context.store.job(onFailureJob))?.job ?? null);
    const next = evaluateGroup(found.group, found.tally, onFailure, context.now());
    if (next.do === "wait") return;
    if (next.do === "startOnFailure") {
      await changeJob(context, next.job, (job) => ignoreRefusal(startedByHand(job, context.now())));
      return;
    }
    if (next.do !== "end") {
      const reason = { code: "dependency_failed", message: "Not needed: nothing failed.", skipped: true } as const;
      await changeJob(context, next.job, (job) => (job.state === "created" ? cancelled(job, reason, context.now()) : null));
      return;
    }
    const answer = await context.store.commit({ groups: [next.decision] });
    if (answer.ok) return context.signals.changed(id);
  }
}

const ignoreRefusal = <T extends object>(answer: T) => (isRefused(answer) ? null : answer);
