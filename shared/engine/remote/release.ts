// Dependants beyond the first page: as many pages as fit into one step of the machine, which then goes on.
import { isFinished } from "../../domain/job.ts";
import type { RemoteContext } from "./context.ts";

export interface Release {
  readonly do: "release";
  readonly parents: readonly string[];
}

/** A step of the machine has a minute; the rest of it is for a store that is slow. */
const STEP_MS = 15_000;

/** Null = all are told. */
export async function releaseWhile(context: RemoteContext, unreleased: Iterable<string>): Promise<Release | null> {
  const parents = new Set(unreleased);
  const end = context.now() + STEP_MS;
  for (const parent of parents) {
    if (context.now() > end) return { do: "release", parents: [...parents] };
    const answer = await context.store.release(parent, context.now());
    parents.delete(parent);
    if (!answer.ok) continue;
    for (const next of answer.unreleased) parents.add(next);
    if (answer.queued.length > 0) context.wakeLanes(answer.queued);
    context.follow({ ...answer, unreleased: [] });
  }
  return null;
}

export async function releaseParents(context: RemoteContext, parents: readonly string[]): Promise<Release | { readonly do: "end" }> {
  const known = await Promise.all(parents.map(async (id) => ((await isOver(context, id)) ? [id] : [])));
  return (await releaseWhile(context, known.flat())) ?? { do: "end" };
}

async function isOver(context: RemoteContext, id: string): Promise<boolean> {
  const view = await context.store.job(id);
  return view !== null && isFinished(view.job);
}
