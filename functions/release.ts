// Tells dependants page by page, where they are more than a settle has time for.
import { releaseParents } from "../shared/engine/remote/release.ts";
import { engine } from "./runtime.ts";

const context = engine();

export async function handler({ parents }: { readonly parents: readonly string[] }): ReturnType<typeof releaseParents> {
  const next = await releaseParents(context, parents);
  await context.settled();
  return next;
}
