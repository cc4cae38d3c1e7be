// What the end of a job means for those that wait for it. Level-triggered: everything looks at what is stored.
import { unblocked } from "../../../domain/begin.ts";
import { isSkipped, resolved, type Condition } from "../../../domain/dependency.ts";
import { isEnd, isFinished, type EndState } from "../../../domain/job.ts";
import { revived, waitsAgain } from "../../../domain/steer.ts";
import type { StoredJob, Work } from "./work.ts";

/** A parent with more dependants than this releases the rest page by page, so that no write grows without bound. */
const RELEASE_PAGE = 90;

/** Resolves a page of the ended job's edges, and those of whoever is cancelled by that. */
export function releaseDependants(work: Work, first: StoredJob, now: number): void {
  if (!work.sql.hasOpenEdgeOut.get(first.n)) return;
  const ended = [first];
  for (let touched = 0; ended.length > 0 && touched < RELEASE_PAGE * 10;) {
    const parent = ended.pop()!;
    touched += releasePage(work, parent, now, ended);
  }
  for (const { job } of ended) work.unreleased.push(job.id);
}

function releasePage(work: Work, parent: StoredJob, now: number, ended: StoredJob[]): number {
  if (!isEnd(parent.job.state)) return 0;
  const edges = work.sql.openEdgesOut.all(parent.n, RELEASE_PAGE + 1);
  for (const edge of edges.slice(0, RELEASE_PAGE)) {
    work.sql.resolveEdge.run(resolved(edge.condition as Condition, parent.job.state), edge.child as number, parent.n);
    const child = evaluate(work, edge.child as number, now);
    if (child && isFinished(child.job)) ended.push(child);
  }
  if (edges.length > RELEASE_PAGE) work.unreleased.push(parent.job.id);
  return edges.length;
}

/** Does nothing while an edge is open. Answers the job if this moved it. */
export function evaluate(work: Work, n: number, now: number): StoredJob | null {
  const before = work.readN(n);
  if (before?.job.state !== "blocked" || work.sql.hasOpenEdge.get(n)) return null;
  const decision = unblocked(before.job, unmetBy(work, n), now);
  if (isFinished(decision.job)) work.ended.push(decision.job.id);
  return work.replace(before, decision);
}

function unmetBy(work: Work, n: number): { skipped: boolean; parent: string } | null {
  const edge = work.sql.worstUnmetEdge.get(n);
  return edge ? { parent: edge.id as string, skipped: isSkipped(edge.condition as Condition, edge.state as EndState) } : null;
}

/** A job lives again: its edges are open again, and whoever was cancelled for it waits again. All of it in one write. */
export function reviveDependants(work: Work, first: StoredJob, now: number): void {
  const living = [first];
  for (let parent = living.pop(); parent; parent = living.pop()) {
    for (const edge of work.sql.resolvedEdgesOut.all(parent.n)) {
      const child = work.readN(edge.child as number);
      if (!child) continue;
      const decision = revived(child.job, now);
      if (!waitsAgain(child.job)) continue;
      work.sql.resolveEdge.run("open", child.n, parent.n);
      // Behind a met edge it was cancelled for somebody else, and waits for this parent again once that one lives.
      if (decision !== null && edge.state === "unmet") living.push(work.replace(child, decision));
    }
  }
}
