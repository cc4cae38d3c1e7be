// Whatever is sent: a problem that says what is wrong, never a 500.
import fc from "fast-check";
import { expect } from "vitest";
import { own } from "./api.ts";
import type { Platform } from "./platform.ts";

export function badRequests({ promise }: Platform): void {
  promise("a body larger than the limit is refused, and the limit is named", {}, async (api) => {
    const { bodyBytes } = await api.get<{ bodyBytes: number }>("/v1/limits");
    const body = JSON.stringify({ function: "echo", params: { value: "x".repeat(bodyBytes) } });
    expect(await api.refused("POST", "/v1/jobs", body)).toMatchObject({
      status: 413,
      code: "payload.too_large",
      detail: expect.stringContaining(String(bodyBytes)),
    });
  });

  promise("a body that nests deeper than the limit is refused, one that does not is taken", { needs: ["function"] }, async (api) => {
    const nested = (depth: number) => `{"function":"echo","params":{"value":${"[".repeat(depth)}${"]".repeat(depth)}}}`;
    for (const depth of [63, 20_000])
      expect(await api.refused("POST", "/v1/jobs", nested(depth)), String(depth)).toMatchObject({
        status: 400, code: "request.invalid", detail: expect.stringContaining("64"),
      }); // prettier-ignore
    expect((await api.request("POST", "/v1/jobs", nested(61))).status).toBe(201);
  });

  promise("a body that is not JSON, of another type, or has a key that schemas would drop is refused", {}, async (api) => {
    const send = (body: string, headers: Record<string, string> = {}) => api.refused("POST", "/v1/jobs", body, headers);
    expect(await send("{function: echo}")).toMatchObject({ status: 400, code: "request.invalid" });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
      expect(await send('{"function":"echo"}', { "content-type": type }), type).toMatchObject({ status: 415, code: "request.wrong_type" });
    expect(await send('{"function":"echo","params":{"__proto__":{"a":1}}}')).toMatchObject({ status: 400, code: "request.invalid" });
  });

  promise("a body that is not UTF-8 is refused", { needs: ["rawBody"] }, async (api) => {
    const { url, token } = api.reached;
    const body = Buffer.from('{"function":"echo","name":"caf\xe9"}', "latin1");
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`${url}/v1/jobs`, { method: "POST", headers, body });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "request.invalid"]);
  });

  promise("anything at all that is not a job is refused", {}, async (api) => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (body) => {
        expect((await api.refused("POST", "/v1/jobs", JSON.stringify(body))).status).toBe(400);
      }),
      { numRuns: 30 },
    );
    expect(await api.refused("POST", "/v1/jobs")).toMatchObject({ status: 400, code: "request.invalid" });
  });

  promise("an address that there is not is told from a method that it does not take", {}, async (api) => {
    expect(await api.refused("GET", "/v1/nothing")).toMatchObject({ status: 404, code: "route.not_found" });
    expect(await api.refused("POST", "/v1/jobs/x/y/z")).toMatchObject({ status: 404, code: "route.not_found" });
    const response = await api.request("PUT", "/v1/jobs");
    expect([response.status, response.headers.get("allow")?.split(", ").toSorted()]).toEqual([405, ["GET", "POST"]]);
    expect(await api.refused("POST", "/v1/health")).toMatchObject({ status: 405, code: "route.wrong_method" });
  });

  promise("a query that a list does not know, or that is out of bounds, is refused and named", {}, async (api) => {
    const queries = {
      "stat=failed": "stat", "state=flying": "state", "limit=0": "limit", "limit=201": "limit", "limit=x": "limit", "sort=size": "sort",
      "order=up": "order", "createdAfter=yesterday": "createdAfter", "cursor=%00": "cursor", "cursor=bm9wZQ": null, "offset=10001": "offset",
    }; // prettier-ignore
    for (const [query, path] of Object.entries(queries)) {
      const problem = await api.refused("GET", `/v1/jobs?${query}`);
      expect(problem, query).toMatchObject({ status: 400, code: "request.invalid" });
      if (path !== null) expect(problem.errors?.map((error) => error.path), query).toEqual([path]); // prettier-ignore
    }
  });

  promise("bounds of other lists and of waiting are kept, too", {}, async (api) => {
    const nobody = own("nobody");
    for (const path of [
      `/v1/jobs/${nobody}?wait=soon`,
      `/v1/jobs/${nobody}/logs?tail=-1`,
      `/v1/jobs/${nobody}/logs?limit=1001`,
      "/v1/events?limit=0",
      "/v1/batches?state=lost",
    ])
      expect(await api.refused("GET", path), path).toMatchObject({ status: 400, code: "request.invalid" });
  });

  promise("ids that nobody could have are not found, whatever they contain", {}, async (api) => {
    for (const id of ["%00", "..%2f..%2fetc%2fpasswd", "a%0d%0ab", "%F0%9F%9A%80", "'%20OR%201=1", "__proto__", "constructor"]) {
      const { status } = await api.refused("GET", `/v1/jobs/${id}`);
      expect([400, 404], id).toContain(status);
    }
  });
}
