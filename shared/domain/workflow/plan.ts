// A run as a list of jobs: every step becomes its jobs, every edge between steps the edges between those.
import type { Condition, Pass } from "../dependency.ts";
import type { Fault } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import { specLimits, type WorkInput } from "../spec-schema.ts";
import type { Definition, Step } from "./definition.ts";
import { edgesInRun, linksOf } from "./links.ts";
import { parentsFirst } from "./order.ts";
import { pairingProblem } from "./pairing.ts";
import { runSizeFaults } from "./run-size.ts";
import { type Selection, selectSteps } from "./select.ts";
import { matricesOf, type Shape, shapeOf } from "./shape.ts";

export interface PlannedDependency {
  /** Index in the list of planned jobs, always a smaller one than the child's. */
  readonly job: number;
  readonly on: Condition;
  readonly pass: Pass;
  /** The parent's step; with `[]` after it if the result is one of a list. */
  readonly label: string;
}

export interface PlannedJob {
  readonly step: string;
  /** Within its matrix or split; null = the step is one job. */
  readonly index: number | null;
  readonly matrix: JsonObject | null;
  /** References in it are resolved when it starts. */
  readonly work: WorkInput;
  readonly name: string;
  readonly dependencies: readonly PlannedDependency[];
  /** It does not start by itself, but when the run fails. */
  readonly onFailure: boolean;
}

export type Plan = { readonly ok: true; readonly jobs: readonly PlannedJob[] } | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Of a definition that checkWorkflow has accepted. `params` with the defaults of the schema filled in.
 * Faults have the paths of the definition, or `only` and `from`. Parents come before their children.
 */
export function planRun(definition: Definition, ask: Selection & { readonly params: Json }): Plan {
  const selected = selectSteps(definition, ask);
  if (!selected.ok) return selected;
  const steps = parentsFirst(definition.steps).filter(({ name }) => selected.steps.has(name));
  const shapes = new Map<string, Shape>();
  const faults: Fault[] = [];
  for (const step of steps) {
    const read = shapeOf(step, ask.params);
    if (read.ok) shapes.set(step.name, read.shape);
    else faults.push(...read.faults);
  }
  const sizes = new Map([...shapes].map(([name, { size }]) => [name, size]));
  const all = [...faults, ...pairingFaults(steps, shapes), ...runSizeFaults(sizes, () => edgesInRun(definition.steps, sizes))];
  return all.length > 0 ? { ok: false, faults: all } : { ok: true, jobs: expand(steps, shapes, definition.onFailure) };
}

function* pairingFaults(steps: readonly Step[], shapes: ReadonlyMap<string, Shape>): Iterable<Fault> {
  for (const step of steps) {
    for (const [index, edge] of step.after.entries()) {
      const [mine, theirs] = [shapes.get(step.name), shapes.get(edge.step)];
      const problem = edge.map === "one2one" && mine && theirs ? pairingProblem(mine, theirs) : null;
      if (problem) yield { path: `steps.${step.name}.after.${index}`, message: `is one2one, but ${problem}` };
    }
  }
}

/** Where the jobs of a step stand in the list. */
interface Place {
  readonly first: number;
  readonly shape: Shape;
}

function expand(steps: readonly Step[], shapes: ReadonlyMap<string, Shape>, onFailure: string | null): PlannedJob[] {
  const places = new Map<string, Place>();
  const jobs: PlannedJob[] = [];
  for (const step of steps) {
    const shape = shapes.get(step.name)!;
    const dependenciesAt = dependenciesOf(step, places);
    places.set(step.name, { first: jobs.length, shape });
    for (const [place, matrix] of matricesOf(shape).entries()) {
      const index = matrix === null ? null : place;
      jobs.push({
        step: step.name,
        index,
        matrix,
        work: step.work,
        name: nameOf(step, index),
        dependencies: dependenciesAt(place),
        onFailure: step.name === onFailure,
      });
    }
  }
  return jobs;
}

function nameOf({ jobName }: Step, index: number | null): string {
  const suffix = index === null ? "" : `[${index}]`;
  return jobName.slice(0, specLimits.nameChars - suffix.length) + suffix;
}

/** The dependencies of the step's n-th job. Parents that are all waited for are one list that all its jobs share. */
function dependenciesOf(step: Step, places: ReadonlyMap<string, Place>): (index: number) => readonly PlannedDependency[] {
  const shared: PlannedDependency[] = [];
  const paired: { readonly first: number; readonly dependency: Omit<PlannedDependency, "job"> }[] = [];
  for (const { step: parent, on, pass, map } of linksOf(step)) {
    const place = places.get(parent);
    if (!place) continue;
    const isList = map === "all2one" && place.shape.kind !== "one";
    const dependency = { on, pass, label: isList ? `${parent}[]` : parent };
    if (map === "one2one") paired.push({ first: place.first, dependency });
    else for (let index = 0; index < place.shape.size; index++) shared.push({ job: place.first + index, ...dependency });
  }
  if (paired.length === 0) return () => shared;
  return (index) => [...shared, ...paired.map(({ first, dependency }) => ({ job: first + index, ...dependency }))];
}
