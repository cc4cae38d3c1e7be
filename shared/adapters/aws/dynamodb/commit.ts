// A bounded change: one item for most of them, else all of it in one transaction. Refused if anything in it was changed meanwhile.
import { isFinished } from "../../../domain/job.ts";
import type { Change, Committed, JobWrite } from "../../../ports/store.ts";
import { changed, Effects, TRIES } from "./effects.ts";
import { replaceJob } from "./job-writes.ts";
import type { Parts } from "./parts.ts";
import { placeResult, type Placed } from "./placed.ts";
import type { StoredJob } from "./stored-job.ts";
import { Transaction } from "./transaction.ts";

export async function commit(parts: Parts, change: Change): Promise<Committed> {
  const results = new Map<JobWrite, Placed>();
  const answer = await committed(parts, change, results);
  if (!answer.ok) for (const { texts } of results.values()) await parts.texts.forget(texts);
  return answer;
}

async function committed(parts: Parts, change: Change, results: Map<JobWrite, Placed>): Promise<Committed> {
  const { table, groups } = parts;
  const writes = change.jobs ?? [];
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await Promise.all(writes.map((write) => storedBefore(parts, write, tries === 0)));
    const isAsDecided = (write: JobWrite, index: number) => before[index]?.job.version === write.job.version - 1;
    const storedGroups = await Promise.all((change.groups ?? []).map(({ group }) => groups.read(group.id)));
    if (!writes.every(isAsDecided)) return changed;
    if (!(change.groups ?? []).every(({ group }, index) => storedGroups[index]?.group.version === group.version - 1)) return changed;

    for (const [index, write] of writes.entries()) {
      const { result } = write;
      if (typeof result === "string" && !results.has(write)) results.set(write, await placeResult(parts.texts, before[index]!.uid, result));
    }
    const tx = new Transaction();
    const after = writes.map((write, index) => replaceJob(tx, before[index]!, write, { result: results.get(write) }));
    change.groups?.forEach((decision, index) => groups.replace(tx, storedGroups[index]!, decision));
    if ((await table.transact(tx)).length === 0) return followed(parts, before as StoredJob[], after);
    // Either somebody was faster, which the next look at the versions tells, or a dependant was just added.
  }
  return changed;
}

/** What the decision was made on, if it was read here; the write itself tells whether that still holds. */
async function storedBefore({ jobs, follow }: Parts, { before, job }: JobWrite, mayBeOld: boolean): Promise<StoredJob | null> {
  const known = mayBeOld ? jobs.known(before) : null;
  if (known && known.job.version === job.version - 1 && known.job.id === job.id) return known;
  const stored = await jobs.byId(job.id);
  return stored?.graph ? follow.settled(stored.uid) : stored;
}

async function followed({ jobs, follow, edges }: Parts, before: readonly StoredJob[], after: readonly StoredJob[]): Promise<Committed> {
  const effects = new Effects();
  for (const [index, stored] of after.entries()) {
    const { job } = jobs.remember(stored);
    await follow.moved(before[index]!, job, effects);
    if (isFinished(job) && stored.hasOut) await edges.release(stored, job.finishedAt ?? job.updatedAt, effects, follow);
  }
  return effects.answer();
}
