// What a step's jobs wait for: the edges as written, and those that its references need.
import type { Json } from "../json.ts";
import type { Definition, Step, StepEdge } from "./definition.ts";
import { type Reference, referencesIn } from "./references.ts";

type ParamsField = "params" | "payload";

/** The references in what the step's jobs get, with their place in the definition. */
export function paramReferences(step: Step): Reference[] {
  return (["params", "payload"] satisfies ParamsField[]).flatMap((field) => referencesAt(`steps.${step.name}.${field}`, step.work[field]));
}

export function referencesAt(place: string, value: Json | undefined): Reference[] {
  if (value === undefined) return [];
  return referencesIn(value).map((reference) => ({ ...reference, at: reference.at === "" ? place : `${place}.${reference.at}` }));
}

/** Of `steps.extract.result.rows`: extract. */
export const stepOfReference = ({ segments }: Reference): string | null => (segments[0] === "steps" ? segments[1]! : null);

/**
 * The edges as written, then one to each ancestor further up whose result is referenced. The latter hold nothing back that
 * the former do not, but for chains of one2one: a job there also waits for the other jobs of that ancestor, as it gets all their results.
 */
export function linksOf(step: Step): StepEdge[] {
  const direct = new Set(step.after.map((edge) => edge.step));
  const referenced = paramReferences(step).map(stepOfReference);
  const further = new Set(referenced.filter((name): name is string => name !== null && !direct.has(name)));
  return [...step.after, ...[...further].map((name): StepEdge => ({ step: name, on: "always", pass: "result", map: "all2one" }))];
}

/** `sizes`: how many jobs each step becomes; a link to a step without one counts for nothing. */
export function edgesInRun(steps: Definition["steps"], sizes: ReadonlyMap<string, number>): number {
  let edges = 0;
  for (const [name, size] of sizes) {
    for (const { step, map } of linksOf(steps.get(name)!)) {
      const parents = sizes.get(step) ?? 0;
      edges += map === "one2one" ? Math.min(size, parents) : size * parents;
    }
  }
  return edges;
}
