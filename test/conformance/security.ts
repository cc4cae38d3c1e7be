// Who may call.
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { expect } from "vitest";
import type { Api } from "./api.ts";
import type { Platform } from "./platform.ts";

/** Not by fetch, which leaves names to addresses. */
async function statusUnder(host: string, { reached: { url, token } }: Api): Promise<number | undefined> {
  const asked = request(`${url}/v1/jobs?limit=1`, { headers: { host, authorization: `Bearer ${token}` } }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

const open = ["/v1/health", "/docs", "/openapi.json"];

export function security({ promise }: Platform): void {
  promise("nothing is answered without the token, or with another one", {}, async (api) => {
    const ask = (authorization: string | null, path = "/v1/jobs") =>
      fetch(api.reached.url + path, { headers: authorization === null ? {} : { authorization } });
    const refused = async (authorization: string | null, path?: string) => {
      const response = await ask(authorization, path);
      return [response.status, ((await response.json()) as { code: string }).code];
    };
    const { token } = api.reached;
    expect(await refused(null)).toEqual([401, "auth.missing"]);
    for (const header of ["Bearer wrong", `Basic ${token}`, `Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, "Bearer", token])
      expect(await refused(header), header.replace(token, "TOKEN")).toEqual([401, "auth.invalid"]);
    expect(await refused(null, "/v1/nothing")).toEqual([401, "auth.missing"]);
    expect((await ask(`bearer ${token}`)).status).toBe(200);
  });

  promise("health, documentation and the API's document need no token, and do not mind a wrong one", {}, async (api) => {
    for (const path of open) {
      expect((await fetch(api.reached.url + path)).status, path).toBe(200);
      expect((await api.request("GET", path, undefined, { authorization: "Bearer wrong" })).status, path).toBe(200);
    }
    expect(await api.get("/v1/health")).toMatchObject({ status: "ok", version: expect.any(String) });
  });

  promise("a page from elsewhere is refused, token or not", {}, async (api) => {
    for (const origin of ["https://evil.example", "null", "http://localhost.evil.example"])
      for (const [method, path] of [["GET", "/v1/jobs"], ["POST", "/v1/jobs"], ["GET", "/v1/health"]] as const) // prettier-ignore
        expect(await api.refused(method, path, undefined, { origin }), `${origin} ${path}`).toMatchObject({
          status: 403, code: "request.foreign_origin",
        }); // prettier-ignore
    expect((await api.request("GET", "/v1/jobs?limit=1", undefined, { origin: new URL(api.reached.url).origin })).status).toBe(200);
  });

  promise("a server does not answer to a foreign name that leads to it", { needs: ["ownName"] }, async (api) => {
    for (const host of ["evil.example", "127.0.0.1.evil.example"]) expect(await statusUnder(host, api), host).toBe(403);
    expect(await statusUnder("localhost:7788", api)).toBe(200);
  });

  promise("the token opens no attempt's routes", {}, async (api) => {
    const { status } = await api.refused("GET", "/v1/attempts/att_00000000000000000000000000");
    expect([401, 404]).toContain(status);
  });

  promise("a refusal tells nothing of the server", {}, async (api) => {
    const response = await api.request("GET", "/v1/jobs/x/y/z");
    expect(Object.keys((await response.json()) as object).toSorted()).toEqual(["code", "detail", "requestId", "status", "title", "type"]);
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
  });
}
