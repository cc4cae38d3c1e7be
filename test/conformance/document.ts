// The API's own document.
import { expect } from "vitest";
import { own, type Api } from "./api.ts";
import type { Platform } from "./platform.ts";

type Operation = { readonly summary: string; readonly responses: object; readonly security?: unknown[]; readonly requestBody?: object };
interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

const documentOf = (api: Api): Promise<OpenApi> => api.get<OpenApi>("/openapi.json");

/** Addresses that users are told of, whether they are served yet or not. */
const known = [
  "GET /v1/jobs", "POST /v1/jobs", "POST /v1/jobs/validate", "POST /v1/jobs/bulk", "GET /v1/jobs/{id}", "PATCH /v1/jobs/{id}", "DELETE /v1/jobs/{id}",
  ...["start", "pause", "resume", "cancel", "retry", "archive", "unarchive", "complete", "fail", "progress"].map((verb) => `POST /v1/jobs/{id}/${verb}`),
  ...["result", "progress", "logs", "history", "attempts", "artifacts", "artifacts/{path}", "dependencies", "dependents", "explain", "metrics", "cost"].map((part) => `GET /v1/jobs/{id}/${part}`),
  "GET /v1/batches", "POST /v1/batches", "GET /v1/batches/{id}", "GET /v1/batches/{id}/jobs",
  ...["start", "pause", "resume", "cancel", "retry"].map((verb) => `POST /v1/batches/{id}/${verb}`),
  "GET /v1/workflows", "GET /v1/workflows/{name}", "PUT /v1/workflows/{name}", "DELETE /v1/workflows/{name}", "GET /v1/workflows/{name}/versions",
  "GET /v1/workflows/{name}/graph", "POST /v1/workflows/{name}/runs", "GET /v1/runs", "GET /v1/runs/{id}", "GET /v1/runs/{id}/graph",
  ...["pause", "resume", "cancel", "retry"].map((verb) => `POST /v1/runs/{id}/${verb}`),
  "GET /v1/schedules", "GET /v1/triggers", "GET /v1/queues", "GET /v1/pools/{name}", "GET /v1/executors", "GET /v1/workers", "GET /v1/functions",
  "GET /v1/functions/{name}", "GET /v1/events", "GET /v1/subscriptions", "GET /v1/stats", "GET /v1/keys", "GET /v1/health", "GET /v1/limits",
]; // prettier-ignore

export function document({ promise }: Platform): void {
  promise("the document is OpenAPI 3.1, and every schema that it refers to is there", {}, async (api) => {
    const found = await documentOf(api);
    expect(found.openapi).toMatch(/^3\.1\./);
    const names = Object.keys(found.components.schemas);
    expect(names).toEqual(
      expect.arrayContaining(["Job", "JobInput", "Problem", "Run", "Batch", "Event", "Workflow", "Attempt", "Artifact"]),
    );
    const references = [...JSON.stringify(found).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(new Set(references).difference(new Set(names))).toEqual(new Set());
    expect(references.length).toBeGreaterThan(0);
  });

  promise("every route says what it does, what it answers, and whether it needs a token", {}, async (api) => {
    const { paths } = await documentOf(api);
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { summary, responses }] of Object.entries(methods)) {
        expect(summary, `${method} ${path}`).toMatch(/\w/);
        expect(Object.keys(responses), `${method} ${path}`).toEqual(expect.arrayContaining([expect.stringMatching(/^2/), "default"]));
      }
    expect(paths["/v1/health"]!.get!.security).toEqual([]);
    expect(paths["/v1/jobs"]!.post!).toMatchObject({ requestBody: { required: true } });
  });

  promise("every route of the document is served, and by no other method", {}, async (api) => {
    const { paths } = await documentOf(api);
    const nobody = own("nobody");
    for (const [path, methods] of Object.entries(paths)) {
      const address = path.replaceAll(/\{\w+\}/g, nobody);
      const other = ["PATCH", "PUT", "DELETE", "POST", "GET"].find((method) => !(method.toLowerCase() in methods))!;
      const allowed = (await api.request(other, address)).headers.get("allow");
      expect(allowed?.split(", ").toSorted(), path).toEqual(Object.keys(methods).map((method) => method.toUpperCase()).toSorted()); // prettier-ignore
    }
  });

  promise("every route that is served is in the document", {}, async (api) => {
    const { paths } = await documentOf(api);
    const nobody = own("nobody");
    for (const route of known) {
      const [method = "", path = ""] = route.split(" ");
      if (paths[path]?.[method.toLowerCase()]) continue;
      // Nothing that is served takes such a field, and nothing of that name is there.
      const body = method === "GET" || method === "DELETE" ? undefined : { "no such field": true };
      const { code } = await api.refused(method, path.replaceAll(/\{\w+\}/g, nobody), body);
      expect(["route.not_found", "route.wrong_method"], route).toContain(code);
    }
  });

  promise("the document is shown as a page that loads nothing from elsewhere", {}, async (api) => {
    const response = await api.request("GET", "/docs");
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect((await response.text()).replaceAll(/href="[^"]*"/g, "")).not.toMatch(/https?:\/\//);
  });
}
