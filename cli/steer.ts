// The same wish for several things: one that cannot be granted does not keep the others from it.
import type { Call } from "./call.ts";
import { CliError } from "./errors.ts";

/** @throws AggregateError of those that were refused */
export async function steerEach<T extends { readonly id: string }>(
  { client, isJson, out }: Call,
  ids: readonly string[],
  path: (id: string) => string,
  show: (thing: T) => string,
): Promise<void> {
  const done: T[] = [];
  const refusals: CliError[] = [];
  for (const id of ids) {
    try {
      const thing = await client.call<T>("POST", path(id));
      done.push(thing);
      if (!isJson) out.line(`${thing.id}  ${show(thing)}`);
    } catch (error) {
      if (!(error instanceof CliError) || ids.length === 1) throw error;
      refusals.push(error);
    }
  }
  if (isJson) out.json(ids.length === 1 ? done[0] : { items: done });
  if (refusals.length > 0) throw new AggregateError(refusals);
}
