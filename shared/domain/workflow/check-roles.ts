// The two steps with a part of their own: `final` gives the run its result, `onFailure` waits for the run to fail.
import { didYouMean, type Fault } from "../errors.ts";
import { type Definition, isMany } from "./definition.ts";

export function* roleFaults(definition: Definition): Iterable<Fault> {
  const { steps, final, onFailure } = definition;
  for (const [path, name] of Object.entries({ final, onFailure })) {
    if (name !== null && !steps.has(name))
      yield { path, message: `names a step that is not there: ${name}.${didYouMean(name, steps.keys())}` };
  }
  if (onFailure !== null && steps.has(onFailure)) yield* onFailureFaults(definition, onFailure);
}

function* onFailureFaults({ steps, final }: Definition, name: string): Iterable<Fault> {
  const step = steps.get(name)!;
  const place = `steps.${name}`;
  if (final === name) yield { path: "final", message: `names ${name}, which is onFailure's: it runs only when the run fails` };
  if (steps.size === 1) yield { path: "onFailure", message: `names the only step: there is nothing that could fail before` };
  if (step.after.length > 0)
    yield { path: `${place}.after`, message: "must be empty: as onFailure it starts when everything else has ended" };
  // A run knows one job that waits for its failure.
  if (isMany(step))
    yield { path: `${place}.${step.matrix ? "matrix" : "split"}`, message: "is not possible for onFailure, which is one job" };
  for (const child of steps.values()) {
    const index = child.after.findIndex((edge) => edge.step === name);
    if (index >= 0 && child !== step) {
      yield { path: `steps.${child.name}.after.${index}`, message: `names ${name}, which is onFailure's: it runs only when the run fails` };
    }
  }
}
