// Looking again at jobs and their edges: idempotent, asked by the engine and by recovery.
import { isFinished } from "../../../domain/job.ts";
import { revived, waitsAgain } from "../../../domain/steer.ts";
import type { Committed } from "../../../ports/store.ts";
import { Effects, TRIES } from "./effects.ts";
import { where, type Item } from "./expression.ts";
import { replaceJob } from "./job-writes.ts";
import { jobKey, jobPk } from "./keys.ts";
import type { Parts } from "./parts.ts";
import type { StoredJob } from "./stored-job.ts";
import { inTurn } from "./table.ts";

export async function release({ jobs, edges, follow }: Parts, id: string, now: number): Promise<Committed> {
  const effects = new Effects();
  const parent = await jobs.byId(id);
  if (parent && isFinished(parent.job)) await edges.release(parent, now, effects, follow, true);
  return effects.answer();
}

export async function evaluate({ jobs, edges, follow }: Parts, id: string, now: number): Promise<Committed> {
  const effects = new Effects();
  const job = await jobs.byId(id);
  const moved = job && (await edges.evaluate(job.uid, now, effects, follow));
  if (moved && isFinished(moved.job)) await edges.release(moved, now, effects, follow);
  return effects.answer();
}

/** A job lives again: its edges are open again, and whoever was cancelled for it waits again. */
export async function revive(parts: Parts, id: string, now: number): Promise<Committed> {
  const first = await parts.jobs.byId(id);
  const living = first && !isFinished(first.job) ? [first] : [];
  for (let parent = living.pop(); parent; parent = living.pop()) {
    const resolved = await parts.edges.all(jobPk(parent.uid), "OUT#R#");
    const from = parent;
    living.push(...(await inTurn(resolved, 8, (edge) => reviveChild(parts, from, edge, now))).filter((child) => child !== null));
  }
  return new Effects().answer();
}

/** Answers the child if it was brought back. */
async function reviveChild(parts: Parts, first: StoredJob, edge: Item, now: number): Promise<StoredJob | null> {
  let parent: StoredJob | null = first;
  for (let tries = 0; tries < TRIES && parent && !isFinished(parent.job); tries++) {
    const child = await parts.jobs.byUid(edge.childUid as string);
    const decision = child && revived(child.job, now);
    if (!child || !waitsAgain(child.job)) return null;
    // Behind a met edge it was cancelled for somebody else, and waits for this parent again once that one lives.
    const isBroughtBack = decision !== null && edge.state === "unmet";
    const isWritten = await parts.edges.reopen(parent, edge, (tx) => {
      if (isBroughtBack) replaceJob(tx, child, decision, { reopened: child.reopened + 1 });
      else
        tx.update(
          jobKey(child.uid),
          { set: { reopened: child.reopened + 1 } },
          where({ v: child.job.version, reopened: child.reopened || undefined }),
        );
    });
    if (isWritten) return isBroughtBack ? { ...child, job: decision.job } : null;
    parent = await parts.jobs.byUid(parent.uid);
  }
  return null;
}
