// A granted turn becomes a task for its executor.
import { started, type AttemptFailure } from "../domain/attempt.ts";
import type { Json, JsonText } from "../domain/json.ts";
import { isObject } from "../domain/json.ts";
import { assembleInputs } from "../domain/workflow/inputs.ts";
import { resolve } from "../domain/workflow/references.ts";
import type { Executor, Task } from "../ports/executor.ts";
import type { Input, Turn } from "../ports/store.ts";
import type { Live } from "./attempts.ts";
import type { Context } from "./context.ts";
import type { Next } from "./lifecycle.ts";
import { persist } from "./persist.ts";
import { specOf, type StoredSpec } from "./stored-spec.ts";

const NO_INPUTS = "{}";

/** The attempt is in hand from here on. Most jobs need nothing but themselves, and start without waiting for a read. */
export function begin(context: Context, turn: Turn, executor: Executor): Next | Promise<Next> {
  const live = inHand(context, turn, executor);
  const { job, spec } = live;
  const isPlain = !job.hasDependencies && !job.lostInStarting && !(spec as StoredSpec).hasReferences && !hasSecrets(spec);
  if (isPlain) return { do: "run", live, task: { ...taskOf(live, turn.params), env: plainEnv(spec) } };
  return beginWithCare(context, live, turn.params);
}

export function inHand(context: Context, turn: Turn, executor: Executor): Live {
  const live: Live = {
    job: turn.job, attemptId: turn.job.attemptId!, executor, spec: specOf(turn.spec), startedAt: null, isShown: turn.job.state === "running",
    isOver: false, stopping: null, progress: null, timers: [],
  }; // prettier-ignore
  context.attempts.add(live);
  return live;
}

const taskOf = (live: Live, params: JsonText): Task => ({
  attemptId: live.attemptId, job: live.job, spec: live.spec, params, inputs: NO_INPUTS, env: {}, secrets: [],
}); // prettier-ignore

async function beginWithCare(context: Context, live: Live, params: JsonText): Promise<Next> {
  // It was lost once before its start was on disk: a job that crashes the server must spend its own losses.
  if (live.job.lostInStarting) await persist(() => writeStart(context, live, context.now()));
  const task = await persist(() => fullTask(context, live, params));
  return "failure" in task ? { do: "settle", live, outcome: { failure: task.failure } } : { do: "run", live, task };
}

/** With the results of its dependencies, its references resolved and its secrets read. */
export async function fullTask(context: Context, live: Live, params: JsonText): Promise<Task | { readonly failure: AttemptFailure }> {
  const { job, spec } = live;
  const env = readEnv(context, spec);
  if ("missing" in env)
    return { failure: { code: "secret.unavailable", message: `The secret ${env.missing} is not there any more.`, retryable: false } };
  const steps = job.hasDependencies ? await stepsOf(context, job.id) : {};
  const resolved = (spec as StoredSpec).hasReferences ? await resolveParams(context, live, params, steps) : params;
  if (typeof resolved !== "string") return resolved;
  return { ...taskOf(live, resolved), inputs: JSON.stringify(steps), ...env };
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
  live: Live,
  params: JsonText,
  steps: Record<string, Json>,
): Promise<JsonText | { failure: AttemptFailure }> {
  const run = live.job.runId === null ? null : await context.store.group(live.job.runId);
  const scope = { params: JSON.parse(run?.group.params ?? "{}") as Json, steps, matrix: (live.spec as StoredSpec).part?.matrix ?? null };
  const found = resolve(JSON.parse(params) as Json, scope);
  if (found.ok) return JSON.stringify(found.value);
  return { failure: { code: "input.missing", message: `${found.missing} is not there, and it has no default.`, retryable: false } };
}

export async function writeStart(context: Context, live: Live, at: number): Promise<void> {
  const decision = started(live.job, live.executor.name, at, null);
  live.isShown = true;
  live.startedAt = at;
  const before = live.job;
  live.job = decision.job;
  await context.store.commit({ jobs: [{ ...decision, before }] });
}

const hasSecrets = (spec: StoredSpec | Live["spec"]): boolean => spec.env !== undefined && Object.values(spec.env).some(isObject);

const plainEnv = (spec: Live["spec"]): Record<string, string> => (spec.env ?? {}) as Record<string, string>;

function readEnv(context: Context, spec: Live["spec"]): { env: Record<string, string>; secrets: string[] } | { missing: string } {
  const env: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (typeof value === "string") env[name] = value;
    else {
      const secret = context.platform.secret(value.secret);
      if (secret === null) return { missing: value.secret };
      env[name] = secret;
      if (secret !== "") secrets.push(secret);
    }
  }
  return { env, secrets };
}
