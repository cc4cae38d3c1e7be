// Workflow definitions are stored by name and version; a run is one execution of one version.
import { didYouMean, SwitchyardError, type Fault } from "../domain/errors.ts";
import { newId } from "../domain/ids.ts";
import { canonical, type Json, type JsonText } from "../domain/json.ts";
import type { JobInput } from "../domain/spec-schema.ts";
import { checkWorkflow } from "../domain/workflow/check.ts";
import { definitionOf, storedDefinition, type Definition, type StoredWorkflow, type WorkflowInput } from "../domain/workflow/definition.ts";
import { planRun, type PlannedJob } from "../domain/workflow/plan.ts";
import type { NewRecord } from "../ports/store.ts";
import type { Context } from "./context.ts";
import { checkSchema, withDefaults } from "./params-check.ts";
import { prepareJob, type Place } from "./prepare.ts";
import { groupFacts, keyOf, newGroup, refuseWhileDraining, sameRequest, write, type Accepted, type Batch, type Once } from "./submit.ts";

const invalid = (faults: readonly Fault[]): SwitchyardError =>
  new SwitchyardError("workflow.invalid", faults.map(({ path, message }) => `${path} ${message}`).join("; "), { faults });

/** A new version, if it says something else than the latest. @throws SwitchyardError `workflow.invalid` */
export async function applyWorkflow(
  context: Context,
  name: string,
  input: WorkflowInput,
): Promise<{ readonly workflow: StoredWorkflow; readonly isNew: boolean }> {
  refuseWhileDraining(context);
  if (input.name !== undefined && input.name !== name)
    throw invalid([{ path: "name", message: `is ${input.name}, but the address says ${name}` }]);
  const faults = checkWorkflow(definitionOf(input));
  if (faults.length > 0) throw invalid(faults);
  if (input.params) checkSchema(input.params);
  const text: JsonText = JSON.stringify({ ...input, name });
  for (;;) {
    const latest = await context.store.workflow(name);
    if (latest?.deletedAt === null && canonical(JSON.parse(latest.definition)) === canonical(JSON.parse(text)))
      return { workflow: latest, isNew: false };
    const workflow: StoredWorkflow = {
      name,
      version: (latest?.version ?? 0) + 1,
      createdAt: context.now(),
      deletedAt: null,
      definition: text,
    };
    const fact = { type: "workflow.updated", data: { name, version: workflow.version } } as const;
    if ((await context.store.putWorkflow(workflow, [fact])).ok) return { workflow, isNew: true };
  }
}

/** @throws SwitchyardError `workflow.not_found` */
export async function existingWorkflow(context: Context, name: string, version?: number): Promise<StoredWorkflow> {
  const found = await context.store.workflow(name, version);
  if (found && (found.deletedAt === null || version !== undefined)) return found;
  const { items } = await context.store.workflows({ limit: 200 });
  const known = items.map((workflow) => workflow.name);
  throw new SwitchyardError("workflow.not_found", `There is no workflow ${name}.${didYouMean(name, known)}`);
}

export async function removeWorkflow(context: Context, name: string): Promise<void> {
  if (!(await context.store.removeWorkflow(name, context.now()))) await existingWorkflow(context, name);
}

export interface RunAsk {
  readonly params?: Json | undefined;
  readonly only?: readonly string[] | undefined;
  readonly from?: readonly string[] | undefined;
}

/** All jobs of the run become visible together. @throws SwitchyardError; nothing is written then. */
export async function startRun(context: Context, name: string, ask: RunAsk, once?: Once<Batch>): Promise<Accepted<Batch>> {
  refuseWhileDraining(context);
  const workflow = await existingWorkflow(context, name);
  const definition = storedDefinition(workflow.definition);
  const params = checkedParams(context, definition, ask.params ?? {});
  const plan = planRun(definition, { params, ...(ask.only && { only: [...ask.only] }), ...(ask.from && { from: [...ask.from] }) });
  if (!plan.ok) throw invalid(plan.faults);
  const runId = newId("run");
  const records = await recordsOf(context, definition, plan.jobs, runId);
  const onFailure = plan.jobs.findIndex((job) => job.onFailure);
  const group = newGroup({
    id: runId, kind: "run", name, jobs: records.length, tolerate: 0, createdAt: context.now(), isStarted: true,
    workflowVersion: workflow.version, params: JSON.stringify(params), onFailureJob: records[onFailure]?.job.id ?? null,
  }); // prettier-ignore
  const run = {
    group,
    jobs: records.map(({ job, body }) => ({ job, spec: body.spec, params: body.params, progress: null, result: null })),
  };
  const answer = await write(context, { records, group: { group, facts: groupFacts(group) }, key: keyOf(once, run) });
  if (answer.ok) return { made: run, isNew: true };
  if (answer.because === "key_taken") return { repeated: sameRequest(answer.key, once!) };
  throw new SwitchyardError("store.unavailable", `The run could not be written (${answer.because} ${answer.at}); try again.`);
}

function checkedParams(context: Context, definition: Definition, params: Json): Json {
  if (definition.params === null) return params;
  const filled = withDefaults(definition.params, params);
  const faults = context.checkParams(definition.params, filled, "params");
  if (faults.length > 0)
    throw new SwitchyardError("request.invalid", faults.map(({ path, message }) => `${path} ${message}`).join("; "), { faults });
  return filled;
}

async function recordsOf(context: Context, definition: Definition, jobs: readonly PlannedJob[], runId: string): Promise<NewRecord[]> {
  const now = context.now();
  const prepared = await Promise.all(
    jobs.map((job) => prepareJob(context, inputOf(definition, job, runId), placeOf(job, runId, now), job.dependencies.length > 0)),
  );
  const ids = prepared.map(({ record }) => record.job.id);
  return prepared.map(({ record }, index) => ({
    ...record,
    dependencies: jobs[index]!.dependencies.map(({ job, ...edge }) => ({ ...edge, job: ids[job]! })),
  }));
}

/** A run's limit is a pool of its own. */
const inputOf = ({ concurrency }: Definition, { work, name }: PlannedJob, runId: string): JobInput => ({
  ...work,
  name,
  ...(concurrency !== null && { concurrency: { key: runId, limit: concurrency } }),
});

const placeOf = ({ step, index, matrix, onFailure }: PlannedJob, runId: string, now: number): Place => ({
  path: `steps.${step}`, now, runId, step, mayRefer: true,
  ...(index !== null && matrix !== null && { part: { index, matrix } }),
  ...(onFailure && { autoStart: false }),
}); // prettier-ignore
