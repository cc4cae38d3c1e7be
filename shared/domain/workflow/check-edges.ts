// What can be wrong with the edges between steps.
import { didYouMean, type Fault } from "../errors.ts";
import { describeCycle, findCycle } from "../graph.ts";
import { type Definition, isMany, type Step, type StepEdge } from "./definition.ts";
import { parentsOf } from "./order.ts";
import { pairingProblem } from "./pairing.ts";
import { literalShapes, type Shape } from "./shape.ts";

export function* cycleFaults({ steps }: Definition): Iterable<Fault> {
  const cycle = findCycle(parentsOf(steps));
  if (cycle) yield { path: `steps.${cycle[0]}.after`, message: `closes a cycle: ${describeCycle(cycle)}` };
}

export function* edgeFaults({ steps }: Definition): Iterable<Fault> {
  const shapes = literalShapes(steps);
  for (const step of steps.values()) {
    const seen = new Set<string>();
    for (const [index, edge] of step.after.entries()) {
      const message =
        edgeProblem(step, edge, steps) ?? (seen.has(edge.step) ? `names ${edge.step} twice` : mapProblem(step, edge, steps, shapes));
      if (message !== null) yield { path: `steps.${step.name}.after.${index}`, message };
      seen.add(edge.step);
    }
  }
}

function edgeProblem(step: Step, edge: StepEdge, steps: Definition["steps"]): string | null {
  if (edge.step === step.name) return "is the step itself";
  return steps.has(edge.step) ? null : `names a step that is not there: ${edge.step}.${didYouMean(edge.step, steps.keys())}`;
}

function mapProblem(child: Step, edge: StepEdge, steps: Definition["steps"], shapes: ReadonlyMap<string, Shape>): string | null {
  if (edge.map !== "one2one") return null;
  const single = [child, steps.get(edge.step)!].find((step) => !isMany(step));
  if (single) return `is one2one, but ${single.name} has neither matrix nor split`;
  const [mine, theirs] = [shapes.get(child.name), shapes.get(edge.step)];
  const problem = mine && theirs ? pairingProblem(mine, theirs) : null;
  return problem && `is one2one, but ${problem}`;
}
