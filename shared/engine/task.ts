// What an attempt is given: its params with their references resolved, what its dependencies left, its env and secrets.
import type { AttemptFailure } from "../domain/attempt.ts";
import { isObject, type Json, type JsonText } from "../domain/json.ts";
import { assembleInputs } from "../domain/workflow/inputs.ts";
import { resolve } from "../domain/workflow/references.ts";
import type { Task } from "../ports/executor.ts";
import type { Input } from "../ports/store.ts";
import type { Context } from "./context.ts";
import { specOf, type StoredSpec } from "./stored-spec.ts";

const NO_INPUTS = "{}";

/** Whose task it is. */
export type Attempted = Pick<Task, "attemptId" | "job" | "spec">;

export const taskOf = ({ attemptId, job, spec }: Attempted, params: JsonText): Task => ({
  attemptId, job, spec, params, inputs: NO_INPUTS, env: {}, secrets: [],
}); // prettier-ignore

/** With the results of its dependencies, its references resolved and its secrets read. */
export async function fullTask(
  context: Context,
  attempted: Attempted,
  params: JsonText,
): Promise<Task | { readonly failure: AttemptFailure }> {
  const { job, spec } = attempted;
  const env = await readEnv(context, spec);
  if ("missing" in env)
    return { failure: { code: "secret.unavailable", message: `The secret ${env.missing} is not there any more.`, retryable: false } };
  const steps = job.hasDependencies ? await stepsOf(context, job.id) : {};
  const resolved = (spec as StoredSpec).hasReferences ? await resolveParams(context, attempted, params, steps) : params;
  if (typeof resolved !== "string") return resolved;
  return { ...taskOf(attempted, resolved), inputs: JSON.stringify(steps), ...env };
}

async function stepsOf(context: Context, job: string): Promise<Record<string, Json>> {
  const inputs = await context.store.inputs(job);
  const passed = await Promise.all(
    inputs.map(async (input) => {
      const { part } = specOf(input.spec);
      const { parent, label, pass } = input;
      return {
        parent,
        label,
        pass: pass === "none" ? pass : ("result" as const),
        result: await passedBy(context, input),
        matrix: part?.matrix ?? null,
        index: part?.index ?? null,
      };
    }),
  );
  return assembleInputs(passed).steps;
}

/** More files than one job passes on. */
const ARTIFACTS_PASSED_MAX = 1000;

/** A result as it is; artifacts as a list that says where each is. */
async function passedBy(context: Context, { parent, pass, result }: Input): Promise<Json | undefined> {
  if (pass !== "artifacts") return result === null ? undefined : (JSON.parse(result) as Json);
  const { items } = await context.platform.artifacts.list(parent, { limit: ARTIFACTS_PASSED_MAX });
  return {
    artifacts: items.map(({ path, size, contentType, file }) => ({ path, size, contentType, ...(file !== undefined && { file }) })),
  };
}

async function resolveParams(
  context: Context,
  { job, spec }: Attempted,
  params: JsonText,
  steps: Record<string, Json>,
): Promise<JsonText | { failure: AttemptFailure }> {
  const run = job.runId === null ? null : await context.store.group(job.runId);
  const scope = { params: JSON.parse(run?.group.params ?? "{}") as Json, steps, matrix: (spec as StoredSpec).part?.matrix ?? null };
  const found = resolve(JSON.parse(params) as Json, scope);
  if (found.ok) return JSON.stringify(found.value);
  return { failure: { code: "input.missing", message: `${found.missing} is not there, and it has no default.`, retryable: false } };
}

export const hasSecrets = (spec: Task["spec"]): boolean => spec.env !== undefined && Object.values(spec.env).some(isObject);

export const plainEnv = (spec: Task["spec"]): Record<string, string> => (spec.env ?? {}) as Record<string, string>;

async function readEnv(
  context: Context,
  spec: Task["spec"],
): Promise<{ env: Record<string, string>; secrets: string[] } | { missing: string }> {
  const env: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (typeof value === "string") env[name] = value;
    else {
      const secret = await context.platform.secrets.read(value.secret);
      if (secret === null) return { missing: value.secret };
      env[name] = secret;
      if (secret !== "") secrets.push(secret);
    }
  }
  return { env, secrets };
}
