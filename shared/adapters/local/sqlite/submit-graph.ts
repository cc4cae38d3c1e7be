// Jobs with their edges, visible together or never.
import { meets, type Dependency } from "../../../domain/dependency.ts";
import { isEnd } from "../../../domain/job.ts";
import { DEFAULT_POOL_LIMIT } from "../../../domain/pool.ts";
import type { NewGraph, Submitted } from "../../../ports/store.ts";
import { evaluate, releaseDependants } from "./dependants.ts";
import { Conflict, tellGroup } from "./operations.ts";
import { groupValues } from "./rows.ts";
import type { ToldRecord } from "./wire.ts";
import type { Work } from "./work.ts";

type ToldGraph = Pick<NewGraph, "group" | "key"> & { readonly records: readonly ToldRecord[] };

export function submitGraph(work: Work, { records, group, key }: ToldGraph): Submitted {
  if (key) {
    const row = work.sql.keyByName.get(key.key);
    if (row && Number(row.untilMs) > (records[0]?.job.createdAt ?? 0)) {
      return {
        ok: false,
        because: "key_taken",
        key: { key: key.key, bodyHash: String(row.bodyHash), answer: String(row.answer), untilMs: Number(row.untilMs) },
      };
    }
    work.sql.putKey.run(key.key, key.bodyHash, key.answer, key.untilMs);
  }
  if (group) {
    work.sql.insertGroup.run(...groupValues(group.group));
    work.sql.updateGroup.get(group.group.state, null, null, group.group.version, group.facts.length, group.group.id, group.group.version);
    tellGroup(work, group.group.id, 0, group.facts, group.group.createdAt);
  }
  const numbers = records.map((record) => insert(work, record));
  records.forEach((record, index) => {
    if (record.dependencies.length > 0) addEdges(work, record, numbers[index]!);
  });
  return { ok: true, queued: [...work.queued] };
}

function insert(work: Work, record: ToldRecord): number {
  const { job, body } = record;
  if (job.pool !== null) work.sql.createPool.run(job.pool, record.poolLimit ?? DEFAULT_POOL_LIMIT);
  const n = work.insert(record);
  if (n === null) throw new Conflict({ ok: false, because: "id_taken", at: job.id } satisfies Submitted);
  work.sql.insertBody.run(n, body.spec, body.params);
  for (const tag of body.tags) work.sql.insertTag.run(tag, n);
  return n;
}

/** Reads each parent after its edge could be seen: whoever settles a parent either sees the edge, or was seen here. */
function addEdges(work: Work, { job, dependencies }: ToldRecord, n: number): void {
  for (const dependency of dependencies) addEdge(work, n, dependency);
  const moved = evaluate(work, n, job.createdAt);
  if (moved && isEnd(moved.job.state)) releaseDependants(work, moved, job.createdAt);
}

function addEdge(work: Work, child: number, { job, on, pass, label }: Dependency): void {
  const parent = work.sql.placeOf.get(job);
  if (!parent) throw new Conflict({ ok: false, because: "dependency_missing", at: job } satisfies Submitted);
  const parentState = parent.state as Parameters<typeof isEnd>[0];
  const state = isEnd(parentState) ? (meets(on, parentState) ? "met" : "unmet") : "open";
  work.sql.insertEdge.run(child, parent.n as number, on, pass, label, state);
}
