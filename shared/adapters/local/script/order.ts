// Lays out an attempt's folder and says how its script is to be spawned.
import { realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contractEnvironment, environmentOf, inheritedEnvironment, paramsEnvironment } from "../../../attempt/environment.ts";
import { prepareFolder } from "../../../attempt/folder.ts";
import type { JobSpec } from "../../../domain/spec.ts";
import type { Refusal, Task } from "../../../ports/executor.ts";
import type { SpawnOrder } from "./messages.ts";
import { commandOf } from "./runnable.ts";
import { makeWorkingDir, refusedWorkingDir, workingDirOf } from "./working-dir.ts";

export interface ScriptRules {
  readonly dataDir: string;
  /** Names of variables of the server that scripts may see. */
  readonly inheritEnv: readonly string[];
  /** Folders that absolute working directories must lie under. */
  readonly allowDirs: readonly string[];
  /** What relative paths of scripts are relative to; default: where the server was started. */
  readonly scriptRoot?: string;
}

const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

const rootOf = (rules: ScriptRules): string => rules.scriptRoot ?? process.cwd();

/** Null = it can be run here. */
export async function refusalOf(spec: JobSpec, rules: ScriptRules): Promise<Refusal | null> {
  if (spec.script === undefined) return { code: "request.invalid", path: "script", message: "There is no script to run." };
  const ownPath = spec.env?.PATH;
  const path = typeof ownPath === "string" ? ownPath : (process.env.PATH ?? USUAL_PATH);
  const command = await commandOf(spec.script, { root: rootOf(rules), path, inlineFile: "script" });
  return "code" in command ? command : refusedWorkingDir(spec.workingDir, rules.allowDirs);
}

/** What was true at submit may have changed since: the same refusals come again. */
export async function orderOf(task: Task, rules: ScriptRules): Promise<SpawnOrder | Refusal> {
  const { attemptId, spec, job, params, inputs } = task;
  const { script } = spec;
  if (script === undefined) return { code: "request.invalid", path: "script", message: "There is no script to run." };
  const refused = await refusedWorkingDir(spec.workingDir, rules.allowDirs);
  if (refused) return refused;
  const attempt = { dataDir: rules.dataDir, jobId: job.id, attempt: job.attempt, attemptId };
  const folder = await realpath(await prepareFolder({ ...attempt, params, inputs }));
  const cwd = workingDirOf(folder, spec.workingDir);
  await makeWorkingDir(cwd, spec.workingDir);
  const env = environmentOf({
    inherited: inheritedEnvironment(process.env, rules.inheritEnv),
    params: paramsEnvironment(params),
    own: task.env,
    contract: contractEnvironment({ ...attempt, folder }),
  });
  const inlineFile = join(folder, "script");
  if (script.inline !== undefined) await writeFile(inlineFile, script.inline, { mode: 0o700 });
  const command = await commandOf(script, { root: rootOf(rules), path: env.PATH ?? USUAL_PATH, inlineFile });
  if ("code" in command) return command;
  return { attemptId, folder, ...command, cwd, env, secrets: task.secrets };
}
