// Whether a definition can be run at all. Everything that is known to fail is refused here, before anything is stored.
import type { Fault } from "../errors.ts";
import { workFaults } from "../spec.ts";
import { specLimits } from "../spec-schema.ts";
import { cycleFaults, edgeFaults } from "./check-edges.ts";
import { referenceFaults } from "./check-references.ts";
import { roleFaults } from "./check-roles.ts";
import type { Definition } from "./definition.ts";
import { edgesInRun } from "./links.ts";
import { runSizeFaults } from "./run-size.ts";
import { literalShapes } from "./shape.ts";

const FAULTS_MAX = 50;

/** At most 50 faults; none = it can be stored and run. `path` is the place in the definition, as `steps.load.after.0`. */
export function checkWorkflow(definition: Definition): Fault[] {
  const faults: Fault[] = [];
  for (const fault of allFaults(definition)) {
    if (faults.push(fault) === FAULTS_MAX) break;
  }
  return faults;
}

function* allFaults(definition: Definition): Iterable<Fault> {
  const cycle = [...cycleFaults(definition)];
  yield* cycle;
  yield* edgeFaults(definition);
  yield* roleFaults(definition);
  yield* workOfStepsFaults(definition);
  yield* referenceFaults(definition, { isAcyclic: cycle.length === 0 });
  yield* sizeFaults(definition);
}

function* workOfStepsFaults({ steps, concurrency }: Definition): Iterable<Fault> {
  for (const [name, step] of steps) {
    const place = `steps.${name}`;
    for (const fault of workFaults(step.work, specLimits)) yield { ...fault, path: `${place}.${fault.path}` };
    if (step.matrix && step.split) yield { path: `${place}.split`, message: "cannot stand beside matrix" };
    if (concurrency !== null && step.work.concurrency) {
      yield { path: `${place}.concurrency`, message: "cannot stand beside the concurrency of the workflow: a job holds one slot" };
    }
  }
}

/** Steps whose size the params say count as one job here, and are counted again when a run is planned. */
function sizeFaults({ steps }: Definition): Fault[] {
  const known = literalShapes(steps);
  const sizes = new Map([...steps.keys()].map((name) => [name, known.get(name)?.size ?? 1]));
  return runSizeFaults(sizes, () => edgesInRun(steps, sizes));
}
