// A workflow as its author writes it: steps are typed by the jobs that they run, and a step's result by the next step's params.
import { z } from "zod";
import type { Json } from "../domain/json.ts";
import type { JobInput } from "../domain/spec-schema.ts";
import type { StepInput, WorkflowInput } from "../domain/workflow/definition.ts";
import type { Client, RunHandle } from "./client.ts";
import { isJobDefinition, type JobDefinition, type ParamsOf, type ResultOf } from "./define-job.ts";
import { originsIn, reference, type Origin, type Ref, type WithRefs } from "./reference.ts";

type Work = Omit<
  JobInput,
  "id" | "name" | "params" | "payload" | "dependencies" | "autoStart" | "deadline" | "ttl" | "delay" | "runAt" | "function"
>;
type Axes = Readonly<Record<string, readonly Json[]>>;
type Picked<Matrix extends Axes> = { readonly [Axis in keyof Matrix]: Matrix[Axis][number] };
interface PartOf {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

interface Edge {
  readonly step: Step;
  readonly on?: "success" | "failure" | "always";
  readonly pass?: "result" | "artifacts" | "none";
  readonly map?: "one2one" | "all2one";
}

interface Common extends Work {
  /** Steps whose results are referred to need not be named. */
  readonly after?: readonly (Step | Edge)[];
}

const origin = Symbol("origin");

/** A step; `result` refers to what it will leave. */
export interface Step<Result = Json> {
  readonly result: Ref<Result>;
  readonly [origin]: Origin;
  readonly input: StepInput;
  /** Only for types: what `execute` answers for it. */
  readonly type?: Result;
}

/** A step of many jobs leaves a list, in order. */
type ListOf<Matrix, Result> = { matrix: Matrix; result: Result }[];

export interface Steps<Params> {
  readonly params: Ref<Params>;
  readonly step: <Job extends JobDefinition>(job: Job, more: Common & { readonly params: WithRefs<ParamsOf<Job>> }) => Step<ResultOf<Job>>;
  /** One job for each combination of the axes. */
  readonly matrix: <Job extends JobDefinition, const Matrix extends Axes>(
    job: Job,
    axes: Matrix,
    more: Common & { readonly params: (matrix: Ref<Picked<Matrix>>) => WithRefs<ParamsOf<Job>> },
  ) => Step<ListOf<Picked<Matrix>, ResultOf<Job>>>;
  /** One job for each part of `total` things, at most `perJob` a part: `from` inclusive, `to` exclusive. */
  readonly split: <Job extends JobDefinition>(
    job: Job,
    size: { readonly total: number; readonly perJob: number },
    more: Common & { readonly params: (part: Ref<PartOf>) => WithRefs<ParamsOf<Job>> },
  ) => Step<ListOf<PartOf, ResultOf<Job>>>;
  /** A script or container; say what it leaves by `script<Left>(…)`. */
  readonly script: <Result = Json>(script: NonNullable<JobInput["script"]>, more?: Common & { readonly params?: unknown }) => Step<Result>;
}

export interface WorkflowOptions<Params extends z.ZodType, Named extends Record<string, Step<never> | Step>> {
  readonly name: string;
  readonly description?: string;
  readonly params?: Params;
  readonly steps: (make: Steps<z.output<Params>>) => Named;
  /** The step whose result is the run's. */
  readonly final?: keyof Named & string;
  /** The step that runs only if the run fails. */
  readonly onFailure?: keyof Named & string;
  /** How many jobs of one run run at a time. */
  readonly concurrency?: number;
}

export interface Workflow<Params, Results> {
  readonly name: string;
  readonly definition: WorkflowInput;
  /** Stores the definition if it changed, and starts a run. */
  run(params: Params, client?: Client): Promise<RunHandle>;
  /** Waits too. @throws SwitchyardError `run.wrong_state` if the run does not complete */
  execute(params: Params, client?: Client): Promise<Results>;
}

type ResultsOf<Named> = { [Name in keyof Named]: Named[Name] extends Step<infer Result> ? Result : never };

export function defineWorkflow<
  Params extends z.ZodType = z.ZodObject,
  const Named extends Record<string, Step<never> | Step> = Record<string, Step>,
>(options: WorkflowOptions<Params, Named>): Workflow<z.input<Params>, ResultsOf<Named>> {
  const { name, description, params, steps, final, onFailure, concurrency } = options;
  const named = Object.entries(steps(stepMaker<z.output<Params>>())) as [string, Step][];
  for (const [key, step] of named) step[origin].name = key;
  const written: unknown = {
    name,
    ...(description !== undefined && { description }),
    ...(params && { params: z.toJSONSchema(params, { io: "input" }) }),
    steps: Object.fromEntries(named.map(([key, step]) => [key, step.input])),
    ...(final !== undefined && { final }),
    ...(onFailure !== undefined && { onFailure }),
    ...(concurrency !== undefined && { concurrency }),
  };
  // Names are known now: references write themselves.
  const definition = JSON.parse(JSON.stringify(written)) as WorkflowInput;
  const run = async (given: z.input<Params>, client?: Client): Promise<RunHandle> => {
    const connected = client ?? new (await import("./client.ts")).Client();
    await connected.applyWorkflow(name, definition);
    return connected.runWorkflow(name, given as Json);
  };
  return { name, definition, run, execute: async (given, client) => (await (await run(given, client)).results()) as ResultsOf<Named> };
}

function stepMaker<Params>(): Steps<Params> {
  const ofMatrix = { kind: "matrix", name: null } as const;
  return {
    params: reference<Params>({ kind: "params", name: null }),
    step: (job, { params, ...more }) => made(work(job), params, more),
    matrix: (job, axes, { params, ...more }) => made({ ...work(job), matrix: axes }, params(reference({ ...ofMatrix })), more),
    split: (job, size, { params, ...more }) => made({ ...work(job), split: size }, params(reference({ ...ofMatrix })), more),
    script: (script, { params, ...more } = {}) => made({ script }, params, more),
  };
}

function work(job: JobDefinition): { function: string } {
  if (!isJobDefinition(job)) throw new TypeError("A step runs what defineJob made.");
  return { function: job.name };
}

function made<Result>(kind: object, params: unknown, { after = [], ...more }: Common): Step<Result> {
  const own: Origin = { kind: "step", name: null };
  const explicit = after.map((edge) => ("step" in edge ? edge : { step: edge }));
  const named = new Set(explicit.map(({ step }) => step[origin]));
  const implied = [...new Set(originsIn(params))].filter((one) => one.kind === "step" && !named.has(one));
  // Getters, because the names of steps are known only when all of them are made.
  const edges = [
    ...explicit.map(({ step, ...edge }) => ({ ...edge, toJSON: () => ({ step: step[origin].name, ...edge }) })),
    ...implied.map((one) => ({ toJSON: () => one.name })),
  ];
  const input = { ...kind, ...more, ...(params !== undefined && { params }), ...(edges.length > 0 && { after: edges }) };
  return { result: reference<Result>(own), [origin]: own, input: input as unknown as StepInput };
}
