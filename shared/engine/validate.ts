// A job looked at as if it were submitted: whatever would refuse it does, and nothing is written.
import type { JobInput } from "../domain/spec-schema.ts";
import type { Context } from "./context.ts";
import { edgesOf, prepareJob, type Place } from "./prepare.ts";
import { idOfOther, missing } from "./submit.ts";

/** @throws SwitchyardError */
export async function validateJob(context: Context, input: JobInput): Promise<void> {
  const place: Place = { path: "", now: context.now() };
  const { wanted } = await prepareJob(context, input, place, false);
  const parents = edgesOf(wanted, place, idOfOther).map(({ job }) => job);
  const found = await Promise.all(parents.map((job) => context.store.job(job)));
  const absent = parents.find((_job, index) => found[index] === null);
  if (absent !== undefined) throw missing(absent, "dependencies");
}
