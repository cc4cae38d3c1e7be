// Workflow definitions: what is stored, what is refused, how they are drawn.
import { expect } from "vitest";
import { eventually, own, type Api } from "./api.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;

/** A little of everything. */
export const letters = {
  params: { type: "object", properties: { base: { type: "integer", default: 3 } }, additionalProperties: false },
  steps: {
    start: { function: "echo", params: { value: { $from: "params.base" } } },
    each: {
      after: ["start"],
      matrix: { letter: ["a", "b"] },
      function: "echo",
      params: { value: { $text: "{matrix.letter}{steps.start.result.value}" } },
    },
    join: { after: ["each"], function: "echo", params: { value: { $from: "steps.each.result" } } },
    rescue: { function: "echo", params: { say: "something failed" } },
  },
  final: "join",
  onFailure: "rescue",
};

/** Under a name of its own. */
export async function applied(api: Api, definition: object): Promise<string> {
  const name = own("flow");
  await api.call("PUT", `/v1/workflows/${name}`, definition, 201);
  return name;
}

export function workflows({ promise }: Platform): void {
  promise("a definition is stored by version, and the same again is no new one", { needs }, async (api) => {
    const name = own("flow");
    const put = (definition: object, status: number) => api.call("PUT", `/v1/workflows/${name}`, definition, status);
    expect(await put(letters, 201)).toMatchObject({ name, version: 1, steps: letters.steps, createdAt: expect.any(String) });
    expect(await put(letters, 200)).toMatchObject({ version: 1 });
    expect(await put({ ...letters, description: "two" }, 201)).toMatchObject({ version: 2, description: "two" });
    expect(await api.get(`/v1/workflows/${name}`)).toMatchObject({ version: 2 });
    expect((await api.all(`/v1/workflows/${name}/versions`, 1)).map(({ version }) => version)).toEqual([2, 1]);
    await eventually(async () => expect((await api.all(`/v1/workflows`)).map((workflow) => workflow.name)).toContain(name));
  });

  promise("a definition that cannot be run is refused, and every fault has its place", { needs }, async (api) => {
    const faults = async (definition: object) => {
      const { status, code, errors } = await api.refused("PUT", `/v1/workflows/${own("bad")}`, definition);
      return [status, code, ...errors!.map(({ path }) => path)];
    };
    const echo = { function: "echo" };
    const refers = (path: string) => ({ function: "echo", params: { value: { $from: path } } });
    expect(await faults({ steps: {} })).toEqual([400, "request.invalid", "steps"]);
    expect(await faults({ steps: { a: { ...echo, afterr: [] } } })).toEqual([400, "request.invalid", "steps.a.afterr"]);
    expect(await faults({ steps: { a: echo, b: { ...echo, after: ["c"] } }, final: "d" })).toEqual([
      422,
      "workflow.invalid",
      "steps.b.after.0",
      "final",
    ]);
    expect((await faults({ steps: { a: { ...echo, after: ["b"] }, b: { ...echo, after: ["a"] } } })).slice(0, 2)).toEqual([
      422,
      "workflow.invalid",
    ]);
    expect(await faults({ steps: { a: echo, b: refers("steps.a.result") } })).toEqual([422, "workflow.invalid", "steps.b.params.value"]);
    expect(await faults({ steps: { a: refers("params.x") }, params: { type: "object", properties: {}, additionalProperties: false } })).toEqual([
      422, "workflow.invalid", "steps.a.params.value",
    ]); // prettier-ignore
    expect(await faults({ steps: { a: {} } })).toEqual([422, "workflow.invalid", "steps.a.type"]);
    expect(await faults({ name: "another", steps: { a: echo } })).toEqual([422, "workflow.invalid", "name"]);
  });

  promise("a definition is drawn as JSON, Mermaid and DOT", { needs }, async (api) => {
    const name = await applied(api, letters);
    const graph = await api.get<{ nodes: { step: string }[]; edges: object[] }>(`/v1/workflows/${name}/graph`);
    expect(graph.nodes.map(({ step }) => step)).toEqual(["start", "each", "join", "rescue"]);
    expect(graph.edges).toContainEqual(expect.objectContaining({ from: "start", to: "each" }));
    const drawn = async (format: string) => (await api.request("GET", `/v1/workflows/${name}/graph?format=${format}`)).text();
    expect(await drawn("mermaid")).toMatch(/^flowchart/);
    expect(await drawn("dot")).toMatch(/^digraph/);
    expect(await api.refused("GET", `/v1/workflows/${name}/graph?format=svg`)).toMatchObject({ status: 400, code: "request.invalid" });
  });

  promise("a definition that was deleted starts no new run, and its runs stay", { needs }, async (api) => {
    const name = await applied(api, { steps: { only: { function: "echo" } } });
    const run = await api.post<{ id: string }>(`/v1/workflows/${name}/runs`, {});
    expect((await api.request("DELETE", `/v1/workflows/${name}`)).status).toBe(204);
    const gone = { status: 404, code: "workflow.not_found" };
    expect(await api.refused("POST", `/v1/workflows/${name}/runs`, {})).toMatchObject(gone);
    expect(await api.refused("GET", `/v1/workflows/${name}`)).toMatchObject(gone);
    expect(await api.refused("DELETE", `/v1/workflows/${own("flow")}`)).toMatchObject(gone);
    expect(await api.ended(`/v1/runs/${run.id}`)).toMatchObject({ state: "completed", workflow: name });
  });
}
