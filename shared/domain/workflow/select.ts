// Part of a workflow: exactly some steps, or some and everything downstream.
import { didYouMean, type Fault } from "../errors.ts";
import type { Definition } from "./definition.ts";
import { paramReferences, stepOfReference } from "./links.ts";

export interface Selection {
  readonly only?: readonly string[] | undefined;
  readonly from?: readonly string[] | undefined;
}

type Selected = { readonly ok: true; readonly steps: ReadonlySet<string> } | { readonly ok: false; readonly faults: readonly Fault[] };

export function selectSteps(definition: Definition, { only, from }: Selection): Selected {
  const { steps } = definition;
  if (only && from) return refused([{ path: "from", message: "cannot stand beside only: give one of them" }]);
  const named = only ?? from;
  if (!named) return { ok: true, steps: new Set(steps.keys()) };
  const path = only ? "only" : "from";
  const unknown = named.flatMap((name, index) =>
    steps.has(name)
      ? []
      : [{ path: `${path}.${index}`, message: `names a step that is not there: ${name}.${didYouMean(name, steps.keys())}` }],
  );
  if (unknown.length > 0) return refused(unknown);
  const chosen = only ? new Set(only) : withDownstream(named, definition);
  if (chosen.size === 0) return refused([{ path, message: "must name at least one step" }]);
  if (chosen.size === 1 && chosen.has(definition.onFailure ?? "")) {
    return refused([{ path, message: `leaves only ${definition.onFailure}, which runs when another step fails: choose another too` }]);
  }
  const faults = [...missingResults(path, chosen, definition)];
  return faults.length > 0 ? refused(faults) : { ok: true, steps: chosen };
}

const refused = (faults: readonly Fault[]): Selected => ({ ok: false, faults });

function withDownstream(names: readonly string[], { steps }: Definition): Set<string> {
  const children = new Map([...steps.keys()].map((name) => [name, new Array<string>()]));
  for (const child of steps.values()) for (const edge of child.after) children.get(edge.step)?.push(child.name);
  // Grows while it is gone through.
  const reached = new Set(names);
  for (const name of reached) for (const child of children.get(name) ?? []) reached.add(child);
  return reached;
}

function* missingResults(path: string, chosen: ReadonlySet<string>, { steps }: Definition): Iterable<Fault> {
  for (const name of chosen) {
    for (const reference of paramReferences(steps.get(name)!)) {
      const parent = stepOfReference(reference);
      if (parent === null || chosen.has(parent) || reference.hasDefault) continue;
      yield {
        path,
        message: `leaves out ${parent}, but ${name} needs ${reference.path}: choose ${parent} too, or give the reference a default`,
      };
    }
  }
}
