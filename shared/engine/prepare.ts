// From what a user submits to a record: everything that can be refused is refused here, with the place in the request.
import { createHash } from "node:crypto";
import { submitted } from "../domain/begin.ts";
import type { Dependency } from "../domain/dependency.ts";
import { didYouMean, SwitchyardError, type ErrorCode, type Fault } from "../domain/errors.ts";
import { newId, ulidOf } from "../domain/ids.ts";
import { canonical, type JsonObject } from "../domain/json.ts";
import { AUTO_EXECUTOR, durationMs, instantMs, meaningOf, retryPolicy, workFaults, type JobSpec, type Meant } from "../domain/spec.ts";
import { specLimits, type EnvInput, type JobInput } from "../domain/spec-schema.ts";
import { referencesIn } from "../domain/workflow/references.ts";
import type { ExecutorKind } from "../ports/executor.ts";
import type { NewRecord } from "../ports/store.ts";
import type { Context } from "./context.ts";
import type { StoredSpec } from "./stored-spec.ts";

export interface Place {
  /** Where the job stands in the request, as `jobs.3`; "" = it is the request. */
  readonly path: string;
  readonly now: number;
  readonly batchId?: string;
  readonly runId?: string;
  readonly step?: string;
  readonly part?: { readonly index: number; readonly matrix: JsonObject };
  readonly autoStart?: boolean;
  /** Params may hold references to what is known only later. */
  readonly mayRefer?: boolean;
}

export interface Prepared {
  readonly record: Omit<NewRecord, "dependencies">;
  readonly wanted: Meant["dependencies"];
}

/** @throws SwitchyardError for anything that cannot run here. `hasDependencies` because indexes are resolved elsewhere. */
export async function prepareJob(context: Context, input: JobInput, place: Place, hasDependencies: boolean): Promise<Prepared> {
  refuse("request.invalid", place, workFaults(input, specLimits));
  refuse("request.invalid", place, timeFaults(input, place.now));
  const meant = meaningOf(input);
  const hasReferences = place.mayRefer === true && referencesIn(meant.params).length > 0;
  const executor = executorFor(context, meant.spec, place);
  const info = meant.spec.function === undefined ? undefined : context.platform.functions.get(meant.spec.function);
  const refusal = await executor.accepts(meant.spec);
  if (refusal)
    throw new SwitchyardError(refusal.code, refusal.message, { faults: [{ path: at(place, refusal.path), message: refusal.message }] });
  if (info && !hasReferences) refuse("function.invalid_params", place, context.checkParams(info.paramsSchema, meant.params, "params"));
  refuse("secret.unknown", place, secretFaults(context, meant.spec.env ?? {}));
  const spec: StoredSpec = {
    ...(executor.withLimits?.(meant.spec) ?? meant.spec),
    executor: executor.name,
    ...(meant.tags.length > 0 && { tags: meant.tags }),
    ...(hasReferences && { hasReferences: true as const }),
    ...(place.part && { part: place.part }),
    ...(meant.id !== null && { bodyHash: bodyHash(input) }),
  };
  const made = newId("job");
  const decision = submitted({
    id: meant.id ?? made,
    type: spec.type,
    executor: executor.name,
    createdAt: place.now,
    retry: retryPolicy(spec, info?.retry),
    name: spec.name ?? null,
    functionName: spec.function ?? null,
    pool: spec.concurrency?.key ?? null,
    batchId: place.batchId ?? null,
    runId: place.runId ?? null,
    step: place.step ?? null,
    priority: meant.priority,
    expiresAt: instantMs(spec.ttl, place.now),
    deadlineAt: instantMs(spec.deadline, place.now),
    notBefore: spec.runAt === undefined ? plus(place.now, durationMs(spec.delay)) : Date.parse(spec.runAt),
    hasDependencies,
    autoStart: place.autoStart ?? spec.autoStart ?? true,
    ...(spec.retention !== undefined && { retentionMs: durationMs(spec.retention)! }),
  });
  const body = { spec: JSON.stringify(spec), params: JSON.stringify(meant.params), tags: meant.tags };
  return { record: { ...decision, body, poolLimit: spec.concurrency?.limit ?? null, ulid: ulidOf(made) }, wanted: meant.dependencies };
}

export const bodyHash = (body: unknown): string => createHash("sha256").update(canonical(body)).digest("base64url");

const plus = (now: number, ms: number | null): number | null => (ms === null ? null : now + ms);
const at = ({ path }: Place, inner: string): string => (path === "" ? inner : inner === "" ? path : `${path}.${inner}`);

function refuse(code: ErrorCode, place: Place, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const placed = faults.map(({ path, message }) => ({ path: at(place, path), message }));
  throw new SwitchyardError(code, placed.map(({ path, message }) => `${path} ${message}`).join("; "), { faults: placed });
}

function timeFaults(input: JobInput, now: number): Fault[] {
  if (input.delay !== undefined && input.runAt !== undefined)
    return [{ path: "runAt", message: "cannot stand beside delay: give one of them" }];
  const past = (["deadline", "ttl"] as const).filter((field) => (instantMs(input[field], now) ?? Infinity) <= now);
  return past.map((path) => ({ path, message: "is over already" }));
}

function executorFor(context: Context, spec: JobSpec, place: Place): ExecutorKind {
  const { executors } = context.platform;
  const able = executors.filter(({ types }) => types.includes(spec.type));
  const fail = (code: ErrorCode, message: string): never => {
    throw new SwitchyardError(code, message, { faults: [{ path: at(place, "executor"), message }] });
  };
  if (spec.executor === AUTO_EXECUTOR) {
    return able[0] ?? fail("executor.unavailable", `No executor here runs ${spec.type} jobs. GET /v1/executors lists what there is.`);
  }
  const named = executors.find(({ name }) => name === spec.executor);
  if (!named) {
    const names = executors.map(({ name }) => name);
    return fail(
      "executor.unavailable",
      `There is no executor ${spec.executor} here, only ${names.join(" and ")}.${didYouMean(spec.executor, names)}`,
    );
  }
  if (!named.types.includes(spec.type)) {
    return fail(
      "executor.impossible",
      `Executor ${named.name} runs ${named.types.join(" and ")} jobs, not ${spec.type} jobs; leave executor out.`,
    );
  }
  return named;
}

function secretFaults(context: Context, env: EnvInput): Fault[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const refusal = typeof value === "object" ? context.platform.secrets.refusal(value.secret) : null;
    return refusal === null || typeof value === "string" ? [] : [{ path: `env.${name}.secret`, message: `${value.secret} ${refusal}` }];
  });
}

/** Edges of one job, each parent once. */
export function edgesOf(wanted: Meant["dependencies"], place: Place, idOf: (job: string | number, path: string) => string): Dependency[] {
  const seen = new Set<string>();
  return wanted.map(({ job, on, pass }, index) => {
    const path = at(place, `dependencies.${index}`);
    const id = idOf(job, path);
    if (seen.has(id)) {
      throw new SwitchyardError("request.invalid", `${path} names ${id} a second time`, {
        faults: [{ path, message: "names a job twice" }],
      });
    }
    seen.add(id);
    return { job: id, on, pass, label: null };
  });
}
