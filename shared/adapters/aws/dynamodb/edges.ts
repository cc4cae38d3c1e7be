/*
 * Edges between jobs. Each lies twice: under the child (IN) and under the parent (OUT), `O`pen until the parent has ended, then
 * `R`esolved. A settle commits first and then looks for open edges; a submit writes the edges in one write with a check of the
 * parent. So one of them sees the other, and whatever is looked at twice comes to the same.
 */
import { unblocked } from "../../../domain/begin.ts";
import { isSkipped, resolved, type Condition, type Edge } from "../../../domain/dependency.ts";
import { isEnd, isFinished, type EndState } from "../../../domain/job.ts";
import { TRIES, type Effects } from "./effects.ts";
import { where, type Item } from "./expression.ts";
import type { Follow } from "./follow.ts";
import type { Jobs } from "./jobs.ts";
import { replaceJob } from "./job-writes.ts";
import { inKey, jobKey, jobPk, outKey, unreleasedKey } from "./keys.ts";
import type { StoredJob } from "./stored-job.ts";
import { inTurn, startingWith, type Table } from "./table.ts";
import { Transaction } from "./transaction.ts";

/** Edges that one page of a release resolves; the rest is told to the caller. */
const RELEASE_PAGE = 80;
const EDGES_PER_TRANSACTION = 20;
const RELEASED_MAX = RELEASE_PAGE * 10;
const EVALUATED_AT_ONCE = 8;
/** Most jobs wait for fewer, and while one is open the others need not be read. */
const EDGES_LOOKED_AT = 20;

interface Releasing {
  readonly now: number;
  readonly effects: Effects;
  readonly follow: Follow;
  /** Gets whoever ended by this, to be released next. */
  readonly ended: StoredJob[];
  readonly isAgain: boolean;
}

export class Edges {
  readonly #table: Table;
  readonly #jobs: Jobs;

  constructor(table: Table, jobs: Jobs) {
    this.#table = table;
    this.#jobs = jobs;
  }

  /**
   * Resolves a page of the ended job's edges, and those of whoever is cancelled by that. `isAgain`: somebody may have begun it and not
   * have lived to end it.
   */
  async release(first: StoredJob, now: number, effects: Effects, follow: Follow, isAgain = false): Promise<void> {
    const ended = [first];
    for (let touched = 0; ended.length > 0 && touched < RELEASED_MAX;) {
      const parent = ended.pop()!;
      touched += await this.#releasePage(parent, { now, effects, follow, ended, isAgain: isAgain && parent === first });
    }
    for (const { job } of ended) effects.unreleased.add(job.id);
  }

  async #releasePage(parent: StoredJob, { now, effects, follow, ended, isAgain }: Releasing): Promise<number> {
    if (!isEnd(parent.job.state)) return 0;
    const mark = await this.#table.get(unreleasedKey(parent.uid));
    const edges = await this.#table.query({ pk: jobPk(parent.uid), ...startingWith("OUT#O#"), limit: RELEASE_PAGE + 1 });
    const page = edges.slice(0, RELEASE_PAGE);
    const parts = Array.from({ length: Math.ceil(page.length / EDGES_PER_TRANSACTION) }, (_, part) =>
      page.slice(part * EDGES_PER_TRANSACTION, (part + 1) * EDGES_PER_TRANSACTION),
    );
    const done = await inTurn(parts, 4, (part) => this.#resolve(parent, parent.job.state as EndState, part));
    // It lives again: its edges are open for good reason.
    if (done.includes(false)) return page.length;
    const left = isAgain && edges.length <= RELEASE_PAGE ? await this.#stillBlocked(parent.uid) : [];
    const uids = [...page.map((edge) => edge.childUid as string), ...left];
    const children = await inTurn(uids, EVALUATED_AT_ONCE, (uid) => this.evaluate(uid, now, effects, follow));
    ended.push(...children.filter((child) => child !== null && isFinished(child.job)).filter((child) => child !== null));
    if (edges.length > RELEASE_PAGE) effects.unreleased.add(parent.job.id);
    // The mark may be a newer one: then its writer releases too.
    else if (mark) await this.#table.delete(unreleasedKey(parent.uid), where({ mark: mark.mark as string }));
    return page.length;
  }

  /** Whoever resolved their edges before did not live to look at them. */
  async #stillBlocked(parent: string): Promise<string[]> {
    const resolvedBefore = await this.all(jobPk(parent), "OUT#R#");
    const children = await this.#jobs.byUids(resolvedBefore.map((edge) => edge.childUid as string));
    return children.flatMap((child) => (child?.job.state === "blocked" ? [child.uid] : []));
  }

  async #resolve(parent: StoredJob, end: EndState, edges: readonly Item[]): Promise<boolean> {
    const tx = new Transaction();
    tx.check(jobKey(parent.uid), where({ v: parent.job.version }));
    for (const edge of edges) {
      const told = { ...edge, state: resolved(edge.on as Condition, end), end };
      this.#move(tx, parent.uid, edge.childUid as string, false, told);
    }
    return (await this.#table.transact(tx)).length === 0;
  }

  #move(tx: Transaction, parent: string, child: string, isOpen: boolean, edge: Item): void {
    for (const keyOf of [(open: boolean) => inKey(child, parent, open), (open: boolean) => outKey(parent, child, open)]) {
      tx.delete(keyOf(!isOpen));
      tx.put(keyOf(isOpen), edge);
    }
  }

  /** Does nothing while an edge is open. Answers the job if this moved it. */
  async evaluate(uid: string, now: number, effects: Effects, follow: Follow): Promise<StoredJob | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const before = await follow.settled(uid);
      if (before?.job.state !== "blocked") return null;
      const edges = await this.#table.query({ pk: jobPk(uid), ...startingWith("IN#"), limit: EDGES_LOOKED_AT });
      // Open ones sort first.
      if (edges[0]?.state === "open") return null;
      const all = edges.length < EDGES_LOOKED_AT ? edges : await this.all(jobPk(uid), "IN#");
      const decision = unblocked(before.job, worstUnmet(all), now);
      const tx = new Transaction();
      const after = replaceJob(tx, before, decision, { also: { reopened: before.reopened || undefined } });
      if ((await this.#table.transact(tx)).length > 0) continue;
      if (isFinished(decision.job)) effects.ended.add(decision.job.id);
      await follow.moved(before, decision.job, effects);
      return this.#jobs.remember(after);
    }
    return null;
  }

  all(pk: string, prefix: string): Promise<Item[]> {
    return this.#table.query({ pk, ...startingWith(prefix), limit: Number.MAX_SAFE_INTEGER });
  }

  /** In one write with whatever becomes of the child. False if one of them was changed meanwhile. */
  async reopen(parent: StoredJob, edge: Item, writeChild: (tx: Transaction) => void): Promise<boolean> {
    const tx = new Transaction();
    tx.check(jobKey(parent.uid), where({ v: parent.job.version }));
    const { end: _, ...told } = edge;
    this.#move(tx, parent.uid, edge.childUid as string, true, { ...told, state: "open" });
    writeChild(tx);
    return (await this.#table.transact(tx)).length === 0;
  }
}

/** A failure tells more than a branch that was not needed. */
function worstUnmet(edges: readonly Item[]): { skipped: boolean; parent: string } | null {
  const unmet = edges.filter(({ state }) => state === "unmet");
  const told = unmet.map((edge) => ({ parent: edge.parent as string, skipped: isSkipped(edge.on as Condition, edge.end as EndState) }));
  return told.find(({ skipped }) => !skipped) ?? told[0] ?? null;
}

export const edgeOf = (item: Item): Edge => ({
  child: item.child as string, parent: item.parent as string, on: item.on as Edge["on"], pass: item.pass as Edge["pass"],
  label: (item.label as string | null) ?? null, state: item.state as Edge["state"],
}); // prettier-ignore
