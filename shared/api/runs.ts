// Executions of workflows.
import * as z from "zod";
import { groupStates } from "../domain/group.ts";
import type { JobState } from "../domain/job.ts";
import type { Json } from "../domain/json.ts";
import { storedDefinition } from "../domain/workflow/definition.ts";
import { drawGraph, type Graph } from "../domain/workflow/draw.ts";
import { runResult, stepResults, type StepJob } from "../domain/workflow/results.ts";
import type { Context } from "../engine/context.ts";
import { existingGroup, type Found } from "../engine/steer-group.ts";
import { specOf } from "../engine/stored-spec.ts";
import type { Batch } from "../engine/submit.ts";
import { existingWorkflow, startRun } from "../engine/workflows.ts";
import type { JobView } from "../ports/store.ts";
import { RESULT_SHOWN_BYTES, RunAnswer, runSummary } from "./answers.ts";
import { groupVerbs } from "./batches.ts";
import { ById, ByName, cursorOf, ListOf, listOf, paging, Wait, waitMs } from "./fields.ts";
import { acceptedAnswer, onceOf } from "./once.ts";
import { answer, type Register } from "./route.ts";
import { waitForGroup } from "./wait.ts";

const RunInput = z
  .strictObject({
    params: z.json().optional(),
    only: z.array(z.string()).max(1000).optional(),
    from: z.array(z.string()).max(1000).optional(),
  })
  .meta({ id: "RunInput" });

export function runRoutes(register: Register): void {
  register({
    method: "post",
    path: "/v1/workflows/{name}/runs",
    summary: "Start a run of the latest version; only and from choose steps",
    params: ByName,
    query: z.strictObject({ wait: Wait }),
    body: RunInput,
    isBodyOptional: true,
    answers: { 201: { description: "Started", schema: RunAnswer } },
    handle: async ({ context, params, query, body, header }) => {
      const startedAnswer = ({ group, jobs }: Batch) => ({
        ...runSummary({ group, tally: {} }),
        counts: countStates(jobs),
        steps: stepsOf(jobs, false),
      });
      const accepted = await startRun(
        context,
        params.name,
        body,
        onceOf(header("idempotency-key"), `run ${params.name}`, body, context.now(), startedAnswer),
      );
      const ms = waitMs(query.wait);
      if (ms === 0) return acceptedAnswer(accepted, startedAnswer);
      const id = "repeated" in accepted ? (JSON.parse(accepted.repeated) as { id: string }).id : accepted.made.group.id;
      return answer(await runAnswer(context, await waitForGroup(context, "run", id, ms)), 201);
    },
  });
  runReads(register);
  groupVerbs(register, "run", "/v1/runs/{id}", RunAnswer, runSummary);
}

function runReads(register: Register): void {
  register({
    method: "get",
    path: "/v1/runs",
    summary: "List runs, newest first",
    query: z.strictObject({ ...paging, workflow: z.string().optional(), state: z.enum(groupStates).optional() }),
    answers: { 200: { description: "A page", schema: ListOf(RunAnswer) } },
    handle: async ({ context, query: { cursor, workflow, ...query } }) =>
      answer(listOf(await context.store.groups({ kind: "run", ...query, name: workflow, after: cursorOf(cursor) }), runSummary)),
  });
  register({
    method: "get",
    path: "/v1/runs/{id}",
    summary: "A run with its steps, as it is now or, with wait, once it has ended",
    params: ById,
    query: z.strictObject({ wait: Wait }),
    answers: { 200: { description: "The run", schema: RunAnswer } },
    handle: async ({ context, params, query }) =>
      answer(await runAnswer(context, await waitForGroup(context, "run", params.id, waitMs(query.wait)))),
  });
  register({
    method: "get",
    path: "/v1/runs/{id}/graph",
    summary: "The graph of its version with the state of each step",
    params: ById,
    answers: { 200: { description: "Nodes with states, and edges", schema: z.json() } },
    handle: async ({ context, params }) => {
      const { group } = await existingGroup(context, "run", params.id);
      const definition = storedDefinition((await existingWorkflow(context, group.name ?? "", group.workflowVersion ?? 1)).definition);
      const states = new Map(stepsOf(await jobsOf(context, params.id), false).map(({ name, state }) => [name, state]));
      const graph: Graph = drawGraph(definition, "json");
      return answer({ ...graph, nodes: graph.nodes.map((node) => ({ ...node, state: states.get(node.step) ?? "left_out" })) });
    },
  });
}

async function jobsOf(context: Context, runId: string): Promise<JobView[]> {
  const jobs: JobView[] = [];
  let after: string | undefined;
  do {
    const page = await context.store.jobs({ runId, limit: 500, after, order: "asc" });
    jobs.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return jobs;
}

async function runAnswer(context: Context, found: Found): Promise<Record<string, unknown>> {
  const { group } = found;
  const jobs = await jobsOf(context, group.id);
  const workflow = await existingWorkflow(context, group.name ?? "", group.workflowVersion ?? 1);
  const result = runResult(storedDefinition(workflow.definition), jobs.map(stepJob));
  return { ...runSummary(found), steps: stepsOf(jobs, true), ...(result !== undefined && { result }) };
}

function stepJob({ job, spec, result }: JobView): StepJob {
  const { part } = specOf(spec);
  return {
    step: job.step ?? "",
    index: part?.index ?? null,
    matrix: part?.matrix ?? null,
    result: result === null ? undefined : (JSON.parse(result) as Json),
  };
}

interface StepAnswer {
  readonly name: string;
  readonly state: string;
  readonly jobs: readonly string[];
  readonly result?: Json;
}

/** Results too large to be shown with a job are left out here too: they are at the jobs' own addresses. */
function stepsOf(jobs: readonly JobView[], withResults: boolean): StepAnswer[] {
  const results = withResults
    ? stepResults(jobs.filter(({ result }) => result !== null && result.length <= RESULT_SHOWN_BYTES).map(stepJob))
    : {};
  return [...Map.groupBy(jobs, ({ job }) => job.step ?? "")].map(([name, own]) => ({
    name,
    state: stepState(own.map(({ job }) => job.state)),
    jobs: own.map(({ job }) => job.id),
    ...(results[name] !== undefined && { result: results[name] }),
  }));
}

const liveliest: readonly JobState[] = [
  "running",
  "starting",
  "queued",
  "delayed",
  "blocked",
  "paused",
  "created",
  "failed",
  "cancelled",
  "completed",
];

/** The liveliest of its jobs' states; once all have ended, the worst. */
const stepState = (states: readonly JobState[]): JobState => liveliest.find((state) => states.includes(state)) ?? "created";

function countStates(jobs: readonly JobView[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { job } of jobs) counts[job.state] = (counts[job.state] ?? 0) + 1;
  return counts;
}
