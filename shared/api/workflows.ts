// Workflow definitions.
import * as z from "zod";
import { SwitchyardError } from "../domain/errors.ts";
import { namePattern } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { storedDefinition, WorkflowInput, type StoredWorkflow } from "../domain/workflow/definition.ts";
import { drawGraph, graphFormats } from "../domain/workflow/draw.ts";
import { applyWorkflow, existingWorkflow, removeWorkflow } from "../engine/workflows.ts";
import { iso } from "./answers.ts";
import { ByName, cursorOf, ListOf, listOf, paging } from "./fields.ts";
import { parsed } from "./faults.ts";
import { answer, type Register } from "./route.ts";

const WorkflowAnswer = z
  .object({ name: z.string(), version: z.int(), createdAt: z.iso.datetime(), steps: z.record(z.string(), z.json()) })
  .loose()
  .meta({ id: "Workflow" });

const workflowAnswer = ({ name, version, createdAt, definition }: StoredWorkflow): Record<string, unknown> => ({
  ...(JSON.parse(definition) as JsonObject), name, version, createdAt: iso(createdAt),
}); // prettier-ignore

export function workflowRoutes(register: Register): void {
  register({
    method: "put",
    path: "/v1/workflows/{name}",
    summary: "Store a definition: a new version if it changed",
    params: ByName,
    body: WorkflowInput,
    answers: {
      200: { description: "Nothing changed", schema: WorkflowAnswer },
      201: { description: "A new version", schema: WorkflowAnswer },
    },
    handle: async ({ context, params, body }) => {
      parsed(z.object({ name: z.string().regex(namePattern, { error: "must be a name such as nightly-report" }) }), params);
      const { workflow, isNew } = await applyWorkflow(context, params.name, body);
      return answer(workflowAnswer(workflow), isNew ? 201 : 200);
    },
  });
  register({
    method: "delete",
    path: "/v1/workflows/{name}",
    summary: "Let no new run be started; its runs stay",
    params: ByName,
    answers: { 204: { description: "Done" } },
    handle: async ({ context, params }) => {
      await removeWorkflow(context, params.name);
      return new Response(null, { status: 204 });
    },
  });
  workflowReads(register);
}

function workflowReads(register: Register): void {
  register({
    method: "get",
    path: "/v1/workflows",
    summary: "List workflows by name",
    query: z.strictObject(paging),
    answers: { 200: { description: "A page", schema: ListOf(WorkflowAnswer) } },
    handle: async ({ context, query }) =>
      answer(listOf(await context.store.workflows({ limit: query.limit, after: cursorOf(query.cursor) }), workflowAnswer)),
  });
  register({
    method: "get",
    path: "/v1/workflows/{name}",
    summary: "The latest version",
    params: ByName,
    answers: { 200: { description: "The definition", schema: WorkflowAnswer } },
    handle: async ({ context, params }) => answer(workflowAnswer(await existingWorkflow(context, params.name))),
  });
  register({
    method: "get",
    path: "/v1/workflows/{name}/versions",
    summary: "All versions, newest first",
    params: ByName,
    query: z.strictObject(paging),
    answers: { 200: { description: "A page", schema: ListOf(WorkflowAnswer) } },
    handle: async ({ context, params, query }) => {
      await existingWorkflow(context, params.name);
      return answer(
        listOf(await context.store.workflows({ name: params.name, limit: query.limit, after: cursorOf(query.cursor) }), workflowAnswer),
      );
    },
  });
  register({
    method: "get",
    path: "/v1/workflows/{name}/graph",
    summary: "Its graph as json, mermaid or dot",
    params: ByName,
    query: z.strictObject({ format: z.string().default("json") }),
    answers: { 200: { description: "The graph", schema: z.json() } },
    handle: async ({ context, params, query }) => {
      const format = graphFormats.find((known) => known === query.format);
      if (!format)
        throw new SwitchyardError("request.invalid", `format must be one of ${graphFormats.join(", ")}`, {
          faults: [{ path: "format", message: "is not known" }],
        });
      const definition = storedDefinition((await existingWorkflow(context, params.name)).definition);
      return format === "json"
        ? answer(drawGraph(definition, "json"))
        : new Response(drawGraph(definition, format), { headers: { "content-type": "text/plain; charset=utf-8" } });
    },
  });
}
