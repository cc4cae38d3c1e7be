// Which steps come before which. Iterative: a chain of 1,000 steps must not overflow the stack.
import type { Parents } from "../graph.ts";
import type { Definition, Step } from "./definition.ts";

type Steps = Definition["steps"];

/** Without what checkWorkflow has other words for: unknown steps and a step's edge to itself. */
const knownParents = (step: Step, steps: Steps): string[] =>
  step.after.map((edge) => edge.step).filter((parent) => parent !== step.name && steps.has(parent));

export const parentsOf = (steps: Steps): Parents => new Map([...steps.values()].map((step) => [step.name, knownParents(step, steps)]));

/** The steps as defined, but each after its parents. A cycle, which is refused elsewhere, is cut somewhere. */
export function parentsFirst(steps: Steps): Step[] {
  const parents = parentsOf(steps);
  const seen = new Set<string>();
  const ordered = new Map<string, Step>();
  for (const start of steps.keys()) {
    const path = [start];
    while (path.length > 0) {
      const name = path.at(-1)!;
      if (!seen.has(name)) {
        seen.add(name);
        path.push(
          ...parents
            .get(name)!
            .filter((parent) => !seen.has(parent))
            .toReversed(),
        );
      } else {
        path.pop();
        // A step with several children may be on the path more than once.
        if (!ordered.has(name)) ordered.set(name, steps.get(name)!);
      }
    }
  }
  return [...ordered.values()];
}

/** Answers whether `step` waits, directly or not, for `other`. Of a definition without cycles. */
export function upstream(steps: Steps): (step: string, other: string) => boolean {
  const ordered = parentsFirst(steps);
  const place = new Map(ordered.map(({ name }, index) => [name, index]));
  // A bit per step: with half a million edges, sets of names would take minutes.
  const words = Math.ceil(ordered.length / 32);
  const ancestors = ordered.map(() => new Uint32Array(words));
  for (const [child, step] of ordered.entries()) {
    const mine = ancestors[child]!;
    for (const name of knownParents(step, steps)) {
      const parent = place.get(name)!;
      mine[parent >> 5]! |= 1 << (parent & 31);
      for (let word = 0; word < words; word++) mine[word]! |= ancestors[parent]![word]!;
    }
  }
  return (step, other) => {
    const [child, parent] = [place.get(step), place.get(other)];
    return child !== undefined && parent !== undefined && (ancestors[child]![parent >> 5]! & (1 << (parent & 31))) !== 0;
  };
}
