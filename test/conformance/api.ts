// The API as its users call it: HTTP and nothing else.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

/** Where a platform is found. */
export interface Reached {
  readonly url: string;
  readonly token: string;
  /** How long one request waits for an end. 0 where few are served at a time: then it is asked for again and again. */
  readonly waitSeconds: number;
  /** A secret that jobs may use, as their `env` names it, and its value. */
  readonly secret?: { readonly reference: string; readonly value: string };
}

export interface JobShown {
  readonly id: string;
  readonly state: string;
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
  readonly stateReason?: { readonly code: string; readonly message: string };
  readonly [field: string]: unknown;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

const ends: ReadonlySet<string> = new Set(["completed", "partial", "failed", "cancelled"]);
/** Longer than anything here takes, on a platform that is busy with all of it at once. */
const END_WITHIN_MS = 170_000;
/** A job comes to run behind all that others have submitted. */
export const ITS_TURN_MS = 60_000;
const ASK_AGAIN_MS = 200;

export class Api {
  readonly reached: Reached;

  constructor(reached: Reached) {
    this.reached = reached;
  }

  /** With the token, unless the headers say otherwise. `path` may be one that an answer named. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const { url, token } = this.reached;
    const response = await fetch(url + path, {
      method,
      redirect: "manual",
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    // Large things may lie elsewhere, where our token is nobody's business.
    return response.status === 307 ? fetch(new URL(response.headers.get("location")!, url)) : response;
  }

  /** The answer's JSON. @throws Error unless the status is the expected one; by default any below 400 is. */
  async call<T = Record<string, unknown>>(method: string, path: string, body?: unknown, expected?: number): Promise<T> {
    const response = await this.request(method, path, body);
    const text = await response.text();
    if (expected === undefined ? response.status >= 400 : response.status !== expected)
      throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 2000)}`);
    return JSON.parse(text || "null") as T;
  }

  get = <T = Record<string, unknown>>(path: string): Promise<T> => this.call<T>("GET", path);
  post = <T = Record<string, unknown>>(path: string, body?: unknown): Promise<T> => this.call<T>("POST", path, body);

  /** @throws Error if it is not refused as problems are told. */
  async refused(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Problem> {
    const response = await this.request(method, path, body, headers);
    const text = await response.text();
    if (response.headers.get("content-type") !== "application/problem+json")
      throw new Error(`${method} ${path} was not refused but answered ${response.status}: ${text.slice(0, 2000)}`);
    const problem = JSON.parse(text) as Problem;
    if (problem.status !== response.status) throw new Error(`status ${response.status}, but the problem says ${text}`);
    return problem;
  }

  submit = (job: object): Promise<JobShown> => this.call<JobShown>("POST", "/v1/jobs", job, 201);
  job = (id: string): Promise<JobShown> => this.get<JobShown>(`/v1/jobs/${id}`);

  /** A job, batch or run once it has ended. */
  async ended<T extends { readonly state: string } = JobShown>(path: string): Promise<T> {
    const { waitSeconds } = this.reached;
    for (const end = performance.now() + END_WITHIN_MS; ; await pause(waitSeconds === 0 ? ASK_AGAIN_MS : 0)) {
      const shown = await this.get<T>(waitSeconds === 0 ? path : `${path}?wait=${waitSeconds}s`);
      if (ends.has(shown.state)) return shown;
      if (performance.now() > end) throw new Error(`${path} has not ended: ${JSON.stringify(shown).slice(0, 2000)}`);
    }
  }

  end = (job: { readonly id: string }): Promise<JobShown> => this.ended(`/v1/jobs/${job.id}`);
  finish = async (job: object): Promise<JobShown> => this.end(await this.submit(job));

  /** All pages of a list. A page may be short or empty though more follow. */
  async all<T = JobShown>(path: string, limit = 200): Promise<T[]> {
    const items: T[] = [];
    for (let cursor = ""; ;) {
      const page: Page<T> = await this.get(`${path}${path.includes("?") ? "&" : "?"}limit=${limit}${cursor}`);
      if (page.items.length > limit) throw new Error(`a page of ${page.items.length}, though the limit is ${limit}`);
      items.push(...page.items);
      if (page.nextCursor === undefined) return items;
      cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
    }
  }

  history = (id: string): Promise<EventShown[]> => this.all<EventShown>(`/v1/jobs/${id}/history`);
  types = async (id: string): Promise<string[]> => (await this.history(id)).map(({ type }) => type);

  /** Shown to run: an executor has it. */
  running = (id: string): Promise<JobShown> =>
    eventually(async () => {
      const job = await this.job(id);
      if (job.state !== "running") throw new Error(`${id} is ${job.state}, not running`);
      return job;
    }, ITS_TURN_MS);
}

export interface EventShown {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly jobId?: string;
  readonly batchId?: string;
  readonly data: Record<string, unknown>;
}

/** A name that nobody else on the server has. */
export const own = (what: string): string => `${what}-${randomUUID().slice(0, 13)}`;

const EVENTUALLY_MS = 10_000;

/** Lists, counts and the feed may lag behind writes by seconds: what is asked of them must come true, but not at once. */
export async function eventually<T>(check: () => Promise<T>, withinMs = EVENTUALLY_MS): Promise<T> {
  for (const end = performance.now() + withinMs; ; await pause(50)) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}
