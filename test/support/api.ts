// A whole server without a socket: real store, real executors, and the API called as a function.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "../../shared/api/create-api.ts";
import { tokenAccess } from "../../shared/api/security.ts";
import { openLocal, type Local, type LocalOptions } from "../../shared/sdk/local.ts";

export interface TestApi {
  readonly local: Local;
  readonly dir: string;
  /** With the token and the right host, unless the headers say otherwise. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The answer's JSON; fails the test unless the status is the expected one. */
  call<T = Record<string, unknown>>(method: string, path: string, body?: unknown, expected?: number): Promise<T>;
  close(): Promise<void>;
}

export const TOKEN = "test-token";
export const jobsDir = join(import.meta.dirname, "jobs");

export async function openTestApi(options: Partial<LocalOptions> = {}): Promise<TestApi> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "switchyard-test-"));
  const local = await openLocal({ jobs: jobsDir, ...options, dir });
  const app = createApi({ context: local.engine.context, version: "test", access: tokenAccess(TOKEN, ["localhost", "127.0.0.1"]) });
  const request: TestApi["request"] = async (method, path, body, headers = {}) =>
    app.request(`http://localhost${path}`, {
      method,
      headers: {
        host: "localhost",
        authorization: `Bearer ${TOKEN}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return {
    local,
    dir,
    request,
    call: async (method, path, body, expected) => {
      const response = await request(method, path, body);
      const text = await response.text();
      if (expected === undefined ? response.status >= 400 : response.status !== expected)
        throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return JSON.parse(text || "null");
    },
    close: async () => {
      await local.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface Shown {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly stateReason?: { readonly code: string; readonly message: string };
  readonly [field: string]: unknown;
}

/** Submits and waits for the end. */
export const finish = (api: TestApi, job: object): Promise<Shown> => api.call<Shown>("POST", "/v1/jobs?wait=20s", job);
