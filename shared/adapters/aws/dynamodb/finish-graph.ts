// After a graph's COMMIT: the marks are taken off its jobs and they come to wait in their lanes, page by page. Idempotent.
import { Effects, TRIES } from "./effects.ts";
import { where, type Item } from "./expression.ts";
import { followNew } from "./follow-new.ts";
import { waitInLane } from "./job-writes.ts";
import { commitKey, graphKey, graphPk, jobKey, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { abandon, type Member } from "./abandon.ts";
import { storedJobOf, type StoredJob } from "./stored-job.ts";
import { TTL_ATTRIBUTE } from "./table-definition.ts";
import { inTurn } from "./table.ts";
import { Transaction } from "./transaction.ts";
import { unavailable } from "./unavailable.ts";

const JOBS_PER_PAGE = 40;
const SINGLES_AT_ONCE = 24;
const KEPT_SECONDS = 86_400;

export async function finishGraph(parts: Parts, graph: string): Promise<void> {
  const chunks = await parts.edges.all(graphPk(graph), "M#");
  const members = chunks.flatMap((chunk) => chunk.members as Member[]);
  const pages = Array.from({ length: Math.ceil(members.length / JOBS_PER_PAGE) }, (_, page) =>
    members.slice(page * JOBS_PER_PAGE, (page + 1) * JOBS_PER_PAGE),
  );
  // The first jobs first: lanes and followers see them about in the order of the graph.
  const jobs = (await inTurn(pages, 1, (page) => finishPage(parts, graph, page))).flat();
  const waiting = members.filter(({ waits }) => waits).map(({ uid }) => uid);
  const pools = jobs.flatMap(({ job }) => (job.state === "queued" && job.pool !== null ? [job.pool] : []));
  await followNew(parts, { waiting, pools, now: jobs[0]?.job.createdAt ?? parts.now() }, new Effects());
  // The word that it is committed outlives its marks: somebody may still hold a job that he read with its mark.
  await parts.table.update(
    commitKey(graph),
    { set: { [TTL_ATTRIBUTE]: Math.ceil(Date.now() / 1000) + KEPT_SECONDS } },
    { is: {}, exists: "pk" },
  );
  await parts.table.writeAll([], [...chunks.map((chunk) => ({ pk: chunk.pk, sk: chunk.sk }) as Key), graphKey(graph)]);
}

async function finishPage({ table }: Parts, graph: string, members: readonly Member[]): Promise<StoredJob[]> {
  for (let tries = 0; tries < TRIES; tries++) {
    const items = await table.getAll(members.map(({ uid }) => jobKey(uid)));
    const marked = items.filter((item): item is Item => item?.graph === graph).map((item) => storedJobOf(item)!);
    const queued = marked.filter(({ job }) => job.state === "queued");
    // Whoever waits in no lane needs no transaction.
    const others = marked.filter(({ job }) => job.state !== "queued");
    await inTurn(others, SINGLES_AT_ONCE, ({ uid }) => table.update(jobKey(uid), { set: { graph: undefined } }, where({ graph })));
    const tx = new Transaction();
    for (const { uid, job } of queued) {
      tx.update(jobKey(uid), { set: { graph: undefined } }, where({ graph }));
      waitInLane(tx, job, uid);
    }
    if ((await table.transact(tx)).length === 0) return items.map(storedJobOf).filter((stored) => stored !== null);
  }
  throw unavailable("many finish the same graph");
}

/** For recovery: graphs whose writer did not live to finish or to give up. */
export async function finishOpenGraphs(parts: Parts, max: number): Promise<void> {
  const open = await parts.table.query({ pk: "GRAPHS", low: " ", high: "~", limit: max });
  for (const { sk, until } of open) {
    const graph = sk as string;
    if (await parts.table.get(commitKey(graph))) await finishGraph(parts, graph);
    else if ((until as number) < parts.now()) await abandon(parts, graph);
  }
}
