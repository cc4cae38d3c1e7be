// A workflow as users write it, and what it means: aliases and defaults are resolved here, once.
import * as z from "zod";
import { type Condition, conditions, type Pass, passes } from "../dependency.ts";
import { namePattern } from "../ids.ts";
import type { JsonObject, JsonText } from "../json.ts";
import { specLimits, workFields, type WorkInput } from "../spec-schema.ts";

/** Limits of a workflow, as `GET /v1/limits` names them. */
export const workflowLimits = {
  stepsPerWorkflow: 1000, axesPerMatrix: 10, valuesPerAxis: 1000, concurrency: 10_000, jobsPerRun: 10_000, edgesPerRun: 1_000_000,
} as const; // prettier-ignore

const maps = ["one2one", "all2one"] as const;
/** Of an edge between steps of many jobs: each job waits for its counterpart, or for all. */
export type EdgeMap = (typeof maps)[number];

const partName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, { error: "must be 1 to 64 letters, digits, _ or -, the first a letter" });
const sized = (record: object, min: number, max: number) => {
  const size = Object.keys(record).length;
  return size >= min && size <= max;
};

const From = z.strictObject({ $from: z.string().min(1).max(1024), default: z.json().optional() });
const Axis = z.union([z.array(z.json()).min(1).max(workflowLimits.valuesPerAxis), From], {
  error: `must be a list of 1 to ${workflowLimits.valuesPerAxis} values or {"$from": "params.…"}`,
});
const Count = z.union([z.int().min(1), From], { error: 'must be an integer from 1 on or {"$from": "params.…"}' });

const AfterInput = z.union(
  [
    partName,
    z.strictObject({
      step: partName,
      on: z.enum(conditions).optional(),
      pass: z.enum(passes).optional(),
      map: z.enum(maps).optional(),
    }),
  ],
  { error: "must be a step's name or {step, on?: success|failure|always, pass?: result|artifacts|none, map?: one2one|all2one}" },
);
const After = z.array(AfterInput).max(specLimits.dependenciesPerJob);

export const StepInput = z
  .strictObject({
    ...workFields,
    name: z.string().min(1).max(specLimits.nameChars).optional().describe("Name of the step's jobs; the step's own if left out"),
    after: After.optional(),
    dependencies: After.optional().describe("Alias of after"),
    matrix: z
      .record(partName, Axis)
      .refine((axes) => sized(axes, 1, workflowLimits.axesPerMatrix), { error: `needs 1 to ${workflowLimits.axesPerMatrix} axes` })
      .optional()
      .describe("One job per combination of the axes' values"),
    split: z.strictObject({ total: Count, perJob: Count }).optional().describe("One job per part of 0 to total"),
    map: z.enum(maps).optional().describe("Default of the step's edges"),
  })
  .refine(({ after, dependencies }) => after === undefined || dependencies === undefined, {
    error: "is an alias of after: give one of them",
    path: ["dependencies"],
  })
  .meta({ id: "Step" }); // prettier-ignore

export const WorkflowInput = z
  .strictObject({
    name: z.string().regex(namePattern, { error: "must be a name such as nightly-report" }).optional(),
    description: workFields.description,
    tags: workFields.tags,
    metadata: workFields.metadata,
    params: z.record(z.string(), z.json()).optional().describe("JSON Schema of a run's params"),
    steps: z
      .record(partName, StepInput)
      .refine((steps) => sized(steps, 1, workflowLimits.stepsPerWorkflow), { error: `needs 1 to ${workflowLimits.stepsPerWorkflow} steps` }),
    final: z.string().optional().describe("The step whose result is the run's"),
    onFailure: z.string().optional().describe("The step that runs only when the run fails"),
    concurrency: z.int().min(1).max(workflowLimits.concurrency).optional().describe("How many jobs of one run may run at once"),
  })
  .meta({ id: "Workflow" }); // prettier-ignore

export type StepInput = z.infer<typeof StepInput>;
export type WorkflowInput = z.infer<typeof WorkflowInput>;

/** A version of a workflow as stored; `definition` is the input as given. */
export interface StoredWorkflow {
  readonly name: string;
  readonly version: number;
  readonly createdAt: number;
  readonly deletedAt: number | null;
  readonly definition: JsonText;
}

export interface StepEdge {
  readonly step: string;
  readonly on: Condition;
  readonly pass: Pass;
  readonly map: EdgeMap;
}

/** A list or number of the definition, or where to find it among the params. */
export type Axis = z.infer<typeof Axis>;
export type Count = z.infer<typeof Count>;

export interface Step {
  readonly name: string;
  /** Name of its jobs. */
  readonly jobName: string;
  readonly work: WorkInput;
  readonly after: readonly StepEdge[];
  readonly matrix: ReadonlyMap<string, Axis> | null;
  readonly split: { readonly total: Count; readonly perJob: Count } | null;
}

/** What a definition means. Maps, because a step may be called `constructor`. */
export interface Definition {
  readonly name: string | null;
  /** JSON Schema. */
  readonly params: JsonObject | null;
  readonly steps: ReadonlyMap<string, Step>;
  readonly final: string | null;
  readonly onFailure: string | null;
  readonly concurrency: number | null;
}

export function definitionOf(input: WorkflowInput): Definition {
  const inputs = new Map(Object.entries(input.steps));
  return {
    name: input.name ?? null,
    params: input.params ?? null,
    steps: new Map([...inputs].map(([name, step]) => [name, stepOf(name, step, inputs)])),
    final: input.final ?? null,
    onFailure: input.onFailure ?? null,
    concurrency: input.concurrency ?? null,
  };
}

/** Of a definition that was accepted before. Read by the schema again, which drops what it dropped then: a step called `__proto__`. */
export const storedDefinition = (text: JsonText): Definition => definitionOf(WorkflowInput.parse(JSON.parse(text)));

function stepOf(name: string, input: StepInput, steps: ReadonlyMap<string, StepInput>): Step {
  const { name: jobName, after, dependencies, matrix, split, map = "all2one", ...work } = input;
  // A default of one2one is not meant for the parents that have one job: that one is for all.
  const mapFor = (parent: string): EdgeMap => (isMany(input) && !isMany(steps.get(parent)) ? "all2one" : map);
  return {
    name,
    jobName: jobName ?? name,
    work,
    after: (after ?? dependencies ?? []).map((item) => {
      const wanted = typeof item === "string" ? { step: item } : item;
      return { step: wanted.step, on: wanted.on ?? "success", pass: wanted.pass ?? "result", map: wanted.map ?? mapFor(wanted.step) };
    }),
    matrix: matrix ? new Map(Object.entries(matrix)) : null,
    split: split ?? null,
  };
}

/** Whether a step may become several jobs. */
export const isMany = (step: Pick<Step | StepInput, "matrix" | "split"> | undefined): boolean => Boolean(step?.matrix ?? step?.split);
