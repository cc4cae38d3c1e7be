// References that can never be resolved, whatever a run is given and its steps answer.
import { didYouMean, type Fault } from "../errors.ts";
import { isObject, type Json } from "../json.ts";
import type { Definition, Step } from "./definition.ts";
import { paramReferences, referencesAt, stepOfReference } from "./links.ts";
import { upstream } from "./order.ts";
import type { Reference } from "./references.ts";

/** With a cycle, before and after mean nothing: then that is not checked. */
export function* referenceFaults(definition: Definition, { isAcyclic }: { isAcyclic: boolean }): Iterable<Fault> {
  const isUpstream = isAcyclic ? upstream(definition.steps) : () => true;
  for (const step of definition.steps.values()) {
    for (const reference of paramReferences(step)) {
      yield* faultAt(
        reference,
        rootProblem(reference, definition) ?? matrixProblem(reference, step) ?? stepProblem(reference, step, definition, isUpstream),
      );
    }
    for (const reference of shapeReferences(step))
      yield* faultAt(reference, rootProblem(reference, definition) ?? notFromParams(reference));
  }
}

function* faultAt(reference: Reference, problem: string | null): Iterable<Fault> {
  if (problem !== null) yield { path: reference.at, message: reference.path === "" ? problem : `${reference.path} ${problem}` };
}

function* shapeReferences(step: Step): Iterable<Reference> {
  const place = `steps.${step.name}`;
  for (const [axis, values] of step.matrix ?? []) yield* referencesAt(`${place}.matrix.${axis}`, values as Json);
  for (const [part, count] of Object.entries(step.split ?? {})) yield* referencesAt(`${place}.split.${part}`, count as Json);
}

/** The jobs of a run are made before its first step runs. */
function notFromParams({ segments }: Reference): string | null {
  if (segments[0] === "params") return null;
  if (segments[0] === "matrix") return "cannot stand here: take it from params";
  return "cannot stand here: a matrix or split over a step's result is not available yet; give it literally or take it from params";
}

function rootProblem({ problem, segments }: Reference, { params }: Definition): string | null {
  const [root, name] = segments;
  if (problem !== null || root !== "params" || name === undefined) return problem;
  // Without additionalProperties: false a run may be given anything.
  if (!params || !isObject(params.properties) || params.additionalProperties !== false || params.patternProperties !== undefined)
    return null;
  if (Object.hasOwn(params.properties, name)) return null;
  return `is not among the workflow's params.${didYouMean(name, Object.keys(params.properties))}`;
}

function matrixProblem({ segments }: Reference, step: Step): string | null {
  const [root, axis] = segments;
  if (root !== "matrix") return null;
  if (!step.matrix && !step.split) return `cannot be there: ${step.name} has neither matrix nor split`;
  const axes = [...(step.matrix?.keys() ?? []), ...(step.split ? ["index", "from", "to"] : [])];
  return axes.includes(axis!) ? null : `is not an axis of ${step.name}: it has ${axes.join(", ")}.${didYouMean(axis!, axes)}`;
}

function stepProblem(
  reference: Reference,
  step: Step,
  { steps, onFailure }: Definition,
  isUpstream: (step: string, other: string) => boolean,
): string | null {
  const name = stepOfReference(reference);
  if (name === null) return null;
  if (name === step.name) return "is the step's own result";
  if (!steps.has(name)) return `is of a step that is not there.${didYouMean(name, steps.keys())}`;
  const edge = step.after.find((candidate) => candidate.step === name);
  if (name === onFailure || step.name === onFailure)
    return `cannot be there: ${onFailure} runs only when the run fails, after none in particular`;
  if (!edge) return isUpstream(step.name, name) ? null : `may not be there yet: ${step.name} does not come after ${name}; add it to after`;
  if (edge.pass !== "result") return `is not passed: the edge from ${name} passes ${edge.pass}`;
  return edge.on === "failure" ? `is never there: ${step.name} runs only when ${name} fails` : null;
}
