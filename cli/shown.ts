// What the API shows of things, the parts that are printed here.
import type { GroupState } from "../shared/domain/group.ts";
import type { Json } from "../shared/domain/json.ts";
import type { JobShown } from "../shared/sdk/job-handle.ts";

export interface Job extends JobShown {
  readonly description?: string;
  readonly tags: readonly string[];
  readonly priority: number;
  readonly function?: string;
  readonly script?: { readonly path?: string; readonly inline?: string };
  readonly container?: { readonly image: string };
  readonly params?: Json;
  readonly maxAttempts: number;
  readonly losses: number;
  readonly batchId?: string;
  readonly runId?: string;
  readonly step?: string;
  readonly queuedAt?: string;
  readonly nextAttemptAt?: string;
  readonly cancelRequestedAt?: string;
  readonly updatedAt: string;
}

export interface Batch {
  readonly id: string;
  readonly name?: string;
  readonly state: GroupState;
  readonly counts: Readonly<Record<string, number>>;
  readonly createdAt: string;
  readonly finishedAt?: string;
}

export interface Run extends Omit<Batch, "name"> {
  readonly workflow: string;
  readonly version: number;
  readonly params?: Json;
  /** Not in lists. */
  readonly steps?: readonly { readonly name: string; readonly state: string; readonly jobs: readonly string[]; readonly result?: Json }[];
  readonly result?: Json;
}

export interface Event {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly jobId?: string;
  readonly runId?: string;
  readonly batchId?: string;
  readonly data: Readonly<Record<string, Json>>;
}

export interface Workflow {
  readonly name: string;
  readonly version: number;
  readonly createdAt: string;
  readonly description?: string;
  readonly steps: Readonly<Record<string, Json>>;
}

export interface Executor {
  readonly name: string;
  readonly types: readonly string[];
  /** Absent where the platform, not the server, makes room. */
  readonly running?: number;
  readonly capacity?: number;
}

export const jobPath = (id: string, more = ""): string => `/v1/jobs/${encodeURIComponent(id)}${more}`;
export const batchPath = (id: string, more = ""): string => `/v1/batches/${encodeURIComponent(id)}${more}`;
export const runPath = (id: string, more = ""): string => `/v1/runs/${encodeURIComponent(id)}${more}`;
export const workflowPath = (name: string, more = ""): string => `/v1/workflows/${encodeURIComponent(name)}${more}`;
