// A bounded change: all of it in one transaction, refused if anything in it was changed meanwhile.
import { isFinished } from "../../../domain/job.ts";
import type { Change, Committed, JobWrite } from "../../../ports/store.ts";
import { changed, Effects, TRIES } from "./effects.ts";
import type { Parts } from "./parts.ts";
import type { StoredJob } from "./stored-job.ts";
import { Transaction } from "./transaction.ts";

export async function commit({ table, jobs, groups, writes, edges, follow }: Parts, change: Change): Promise<Committed> {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await Promise.all((change.jobs ?? []).map(async ({ job }) => follow.settled((await jobs.uidOf(job.id)) ?? "")));
    const isAsDecided = (write: JobWrite, index: number) => before[index]?.job.version === write.job.version - 1;
    const storedGroups = await Promise.all((change.groups ?? []).map(({ group }) => groups.read(group.id)));
    if (!(change.jobs ?? []).every(isAsDecided)) return changed;
    if (!(change.groups ?? []).every(({ group }, index) => storedGroups[index]?.group.version === group.version - 1)) return changed;

    const tx = new Transaction();
    change.jobs?.forEach((write, index) => writes.replace(tx, before[index]!, write, { result: write.result }));
    change.groups?.forEach((decision, index) => groups.replace(tx, storedGroups[index]!, decision));
    if (tx.size === 0 || (await table.transact(tx)).length === 0) return followed(change.jobs ?? [], before as StoredJob[]);
    // Either somebody was faster, which the next look at the versions tells, or a dependant was just added.
  }
  return changed;

  async function followed(written: readonly JobWrite[], before: readonly StoredJob[]): Promise<Committed> {
    const effects = new Effects();
    for (const [index, { job }] of written.entries()) {
      await follow.moved(before[index]!, job, effects);
      if (isFinished(job) && before[index]!.hasOut)
        await edges.release({ ...before[index]!, job }, job.finishedAt ?? job.updatedAt, effects, follow);
    }
    return effects.answer();
  }
}
