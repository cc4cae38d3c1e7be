// `switchyard/client`: the HTTP API as functions, with handles for jobs and runs.
import { SwitchyardError, type ErrorCode, type Fault } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import type { JobInput } from "../domain/spec-schema.ts";
import type { WorkflowInput } from "../domain/workflow/definition.ts";
import { JobHandle, type JobShown } from "./job-handle.ts";
import { RunHandle, type RunShown } from "./run-handle.ts";

export interface ClientOptions {
  /** As `http://127.0.0.1:7788`; by default SWITCHYARD_URL. */
  readonly url?: string;
  /** By default SWITCHYARD_TOKEN. */
  readonly token?: string;
  /** For calls within one process, and for tests. */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
}

export interface List<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

export class Client {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #fetch: NonNullable<ClientOptions["fetch"]>;

  constructor({
    url = process.env.SWITCHYARD_URL ?? "http://127.0.0.1:7788",
    token = process.env.SWITCHYARD_TOKEN,
    fetch = globalThis.fetch,
  }: ClientOptions = {}) {
    this.#url = url.replace(/\/$/, "");
    this.#token = token;
    this.#fetch = fetch;
  }

  /** Submits a job. A repeated call with the same `idempotencyKey` gets the first answer again. @throws SwitchyardError */
  async submit(job: JobInput, { idempotencyKey }: { idempotencyKey?: string } = {}): Promise<JobHandle> {
    const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
    return new JobHandle(this, await this.call<JobShown>("POST", "/v1/jobs", { body: job, headers }));
  }

  /** A job that is described here and submitted by its handle's `run()`. */
  newJob(job: JobInput): JobHandle {
    return new JobHandle(this, null, job);
  }

  /** @throws SwitchyardError `job.not_found` */
  async job(id: string): Promise<JobHandle> {
    return new JobHandle(this, await this.call<JobShown>("GET", `/v1/jobs/${encodeURIComponent(id)}`));
  }

  jobs = (query: Record<string, string> = {}): Promise<List<JobShown>> =>
    this.call("GET", `/v1/jobs?${new URLSearchParams(query).toString()}`);

  submitBatch = (batch: {
    name?: string;
    jobs: JobInput[];
    autoStart?: boolean;
    tolerate?: number | string;
  }): Promise<{ id: string; jobs: { id: string }[] }> => this.call("POST", "/v1/batches", { body: batch });

  /** Stores a definition: a new version if it changed. */
  applyWorkflow = (name: string, definition: WorkflowInput): Promise<{ name: string; version: number }> =>
    this.call("PUT", `/v1/workflows/${encodeURIComponent(name)}`, { body: definition });

  async runWorkflow(name: string, params: Json = {}, choice: { only?: string[]; from?: string[] } = {}): Promise<RunHandle> {
    return new RunHandle(
      this,
      await this.call<RunShown>("POST", `/v1/workflows/${encodeURIComponent(name)}/runs`, { body: { params, ...choice } }),
    );
  }

  async run(id: string): Promise<RunHandle> {
    return new RunHandle(this, await this.call<RunShown>("GET", `/v1/runs/${encodeURIComponent(id)}`));
  }

  /** Any route of the API. @throws SwitchyardError with the problem's code */
  async call<T>(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<T> {
    const response = await this.request(method, path, {
      ...(body !== undefined && { body: JSON.stringify(body), contentType: "application/json" }),
      headers,
    });
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async request(
    method: string,
    path: string,
    { body, contentType, headers = {} }: { body?: string; contentType?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const request = new Request(this.#url + path, {
      method,
      ...(body !== undefined && { body }),
      headers: {
        host: new URL(this.#url).host,
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...(contentType !== undefined && { "content-type": contentType }),
        ...headers,
      },
    });
    const fetch = this.#fetch;
    const response = await fetch(request);
    if (response.status >= 400) throw problemOf(await response.text(), response.status);
    return response;
  }
}

function problemOf(text: string, status: number): SwitchyardError {
  try {
    const problem = JSON.parse(text) as { code: ErrorCode; detail: string; errors?: Fault[] };
    return new SwitchyardError(problem.code, problem.detail, { faults: problem.errors ?? [] });
  } catch {
    return new SwitchyardError("server.failed", `The server answered ${status}: ${text.slice(0, 200)}`);
  }
}

export { JobHandle, RunHandle, SwitchyardError };
export type { JobShown, RunShown };
