// What a job finds of its parents: their results by step, those of a step of many jobs as a list.
import type { Pass } from "../dependency.ts";
import type { Json, JsonObject } from "../json.ts";
import { type Part, resultList } from "./results.ts";

/** One edge of the job, with what its parent left. */
export interface Input {
  /** As planned; `step[]` = one of a list; null = no step of a workflow. */
  readonly label: string | null;
  /** Id of the parent's job. */
  readonly parent: string;
  readonly pass: Pass;
  /** undefined = it left none: failed, cancelled or not there. */
  readonly result: Json | undefined;
  readonly matrix: JsonObject | null;
  readonly index: number | null;
}

/** Keyed by step, or by job id for edges without a label. A list leaves out the jobs without a result. */
export function assembleInputs(inputs: readonly Input[]): { steps: Record<string, Json> } {
  const steps = new Map<string, Json>();
  const lists = new Map<string, Part[]>();
  for (const { label, parent, pass, result, matrix, index } of inputs) {
    if (pass !== "result") continue;
    if (label?.endsWith("[]")) {
      const name = label.slice(0, -2);
      if (!lists.has(name)) lists.set(name, []);
      lists.get(name)!.push({ index: index ?? 0, matrix, result });
    } else if (result !== undefined) steps.set(label ?? parent, result);
  }
  for (const [name, parts] of lists) steps.set(name, resultList(parts));
  return { steps: Object.fromEntries(steps) };
}
