// How many jobs a step becomes, and what each of them finds as its `matrix`.
import type { Fault } from "../errors.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { type Count, type Definition, type Step, workflowLimits } from "./definition.ts";
import { resolve } from "./references.ts";

/** One job, with no `matrix`; one job per combination of the axes; or one per part of 0 to total. */
export type Shape =
  | { readonly kind: "one"; readonly size: 1 }
  | { readonly kind: "matrix"; readonly size: number; readonly axes: ReadonlyMap<string, readonly Json[]> }
  | { readonly kind: "split"; readonly size: number; readonly total: number; readonly perJob: number };

const one: Shape = { kind: "one", size: 1 };

const matrixShape = (axes: ReadonlyMap<string, readonly Json[]>): Shape => ({
  kind: "matrix",
  axes,
  size: [...axes.values()].reduce((product, values) => product * values.length, 1),
});
const splitShape = (total: number, perJob: number): Shape => ({ kind: "split", size: Math.ceil(total / perJob), total, perJob });

/** As far as the definition alone says it; null = the params of a run say it. */
function literalShape(step: Step): Shape | null {
  if (step.split) {
    const { total, perJob } = step.split;
    return typeof total === "number" && typeof perJob === "number" ? splitShape(total, perJob) : null;
  }
  if (!step.matrix) return one;
  const axes = new Map<string, readonly Json[]>();
  for (const [axis, values] of step.matrix) {
    if (!Array.isArray(values)) return null;
    axes.set(axis, values);
  }
  return matrixShape(axes);
}

type ShapeOrFaults = { readonly ok: true; readonly shape: Shape } | { readonly ok: false; readonly faults: readonly Fault[] };

/** With the params of a run. */
export function shapeOf(step: Step, params: Json): ShapeOrFaults {
  const faults: Fault[] = [];
  const read = (place: string, value: Json): Json | undefined => {
    const resolved = resolve(value, { params, steps: {}, matrix: null });
    if (resolved.ok) return resolved.value;
    faults.push({ path: `steps.${step.name}.${place}`, message: `needs ${resolved.missing}, which the run was not given` });
    return undefined;
  };
  const shape = step.split ? readSplit(step, step.split, read, faults) : step.matrix ? readMatrix(step, step.matrix, read, faults) : one;
  return faults.length > 0 ? { ok: false, faults } : { ok: true, shape };
}

type Read = (place: string, value: Json) => Json | undefined;

function readMatrix(step: Step, matrix: NonNullable<Step["matrix"]>, read: Read, faults: Fault[]): Shape {
  const axes = new Map<string, readonly Json[]>();
  for (const [axis, wanted] of matrix) {
    const values = read(`matrix.${axis}`, wanted as Json);
    if (values === undefined) continue;
    if (Array.isArray(values) && values.length >= 1 && values.length <= workflowLimits.valuesPerAxis) axes.set(axis, values);
    else {
      const message = `must be a list of 1 to ${workflowLimits.valuesPerAxis} values, but is ${describe(values)}`;
      faults.push({ path: `steps.${step.name}.matrix.${axis}`, message });
    }
  }
  return matrixShape(axes);
}

function readSplit(step: Step, split: NonNullable<Step["split"]>, read: Read, faults: Fault[]): Shape {
  const count = (place: "total" | "perJob", wanted: Count): number => {
    const value = read(`split.${place}`, wanted as Json);
    if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
    if (value !== undefined) {
      faults.push({ path: `steps.${step.name}.split.${place}`, message: `must be an integer from 1 on, but is ${describe(value)}` });
    }
    return 1;
  };
  return splitShape(count("total", split.total), count("perJob", split.perJob));
}

function describe(value: Json): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return isObject(value) ? "an object" : JSON.stringify(value).slice(0, 60);
}

/**
 * The `matrix` of each job, in order. Of a matrix: the product of its axes, the last one varying fastest.
 * Of a split: `{index, from, to}`, from inclusive, to exclusive; the last part may be smaller.
 */
export function matricesOf(shape: Shape): (JsonObject | null)[] {
  if (shape.kind === "one") return [null];
  if (shape.kind === "split") {
    const { size, total, perJob } = shape;
    return Array.from({ length: size }, (_, index) => ({ index, from: index * perJob, to: Math.min(total, (index + 1) * perJob) }));
  }
  let combinations: JsonObject[] = [{}];
  for (const [axis, values] of shape.axes) {
    combinations = combinations.flatMap((combination) => values.map((value) => ({ ...combination, [axis]: value })));
  }
  return combinations;
}

/** Of the steps whose shape is known. */
export function literalShapes(steps: Definition["steps"]): Map<string, Shape> {
  const shapes = [...steps.values()].map((step) => [step.name, literalShape(step)] as const);
  return new Map(shapes.filter((entry): entry is readonly [string, Shape] => entry[1] !== null));
}
