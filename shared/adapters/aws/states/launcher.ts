// Starts an execution for an attempt: the small machine for short functions, the other one for long.
import { ExecutionAlreadyExists, StartExecutionCommand, type SFNClient } from "@aws-sdk/client-sfn";
import { CALL_PARAMS_BYTES_MAX, type FunctionCall } from "../../../attempt/function-call.ts";
import { attemptToken } from "../../../attempt/token.ts";
import { MINUTE, SECOND } from "../../../domain/duration.ts";
import { DEFAULT_KILL_GRACE_MS, durationMs } from "../../../domain/spec.ts";
import type { MachineName } from "../../../names.ts";
import type { Task } from "../../../ports/executor.ts";
import { FUNCTION_LIMIT_MS } from "../limits.ts";
import type { ExecutionInput } from "./machine.ts";

/** The longest effective time-out for which an Express execution, which lives 5 minutes, is long enough. */
const EXPRESS_LIMIT_MS = MINUTE;
const LAMBDA_RESERVE_MS = 10 * SECOND;
/** Between the start of an execution and that of the function: throttles are waited for. */
const ON_THE_WAY_MS = 2 * MINUTE;
const TOKEN_RESERVE_MS = 5 * MINUTE;

export interface LauncherOptions {
  readonly client: SFNClient;
  readonly machines: Readonly<Record<MachineName, string>>;
  /** The Lambda of a function job; null = it is not deployed. */
  readonly lambdaOf: (functionName: string) => string | null;
  readonly apiUrl: string;
  readonly attemptKey: () => Promise<string>;
}

export interface FunctionLaunch {
  readonly task: Task;
  /** The partition of the job's item. */
  readonly pk: string;
  readonly hasSecrets: boolean;
  readonly limitMs: number;
  readonly isDeadline: boolean;
  /** It was started before, and nobody claimed it. */
  readonly isRepeated: boolean;
}

export class Launcher {
  readonly #options: LauncherOptions;

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** False = there is no Lambda for the function any more. */
  async start(launch: FunctionLaunch): Promise<boolean> {
    const { task, limitMs, isRepeated } = launch;
    const lambda = this.#options.lambdaOf(task.spec.function ?? "");
    if (lambda === null) return false;
    const input = await this.#input(launch, lambda);
    // A closed execution's name is refused for 90 days; which of two executions runs the attempt is the claim's to say.
    const name = isRepeated ? `${task.attemptId}-${Date.now().toString(36)}` : task.attemptId;
    const stateMachineArn = this.#options.machines[limitMs <= EXPRESS_LIMIT_MS ? "express" : "standard"];
    try {
      await this.#options.client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
    return true;
  }

  async #input(launch: FunctionLaunch, lambda: string): Promise<ExecutionInput> {
    const { task, pk } = launch;
    const call = await this.#call(launch);
    const atMost = call.timeoutMs + call.killGraceMs + LAMBDA_RESERVE_MS;
    return {
      attemptId: task.attemptId,
      job: task.job.id,
      pk,
      lambda,
      timeoutSeconds: Math.ceil(atMost / SECOND),
      lease: String(Date.now() + ON_THE_WAY_MS + atMost),
      call,
    };
  }

  async #call({ task, hasSecrets, limitMs, isDeadline }: FunctionLaunch): Promise<FunctionCall> {
    const { attemptId, job, spec, params, inputs, env } = task;
    const timeoutMs = Math.max(1, Math.min(limitMs, FUNCTION_LIMIT_MS));
    const isSmall = Buffer.byteLength(params) + Buffer.byteLength(inputs) + Buffer.byteLength(JSON.stringify(env)) <= CALL_PARAMS_BYTES_MAX;
    const until = Date.now() + ON_THE_WAY_MS + timeoutMs + TOKEN_RESERVE_MS;
    return {
      attemptId,
      attempt: job.attempt,
      job: {
        id: job.id,
        ...(job.name !== null && { name: job.name }),
        ...(job.batchId !== null && { batchId: job.batchId }),
        ...(job.runId !== null && { runId: job.runId }),
        ...(job.step !== null && { step: job.step }),
      },
      given: isSmall && !hasSecrets ? { params, inputs, env, secrets: [] } : null,
      outputFiles: spec.outputFiles ?? [],
      timeoutMs,
      timeoutCode: isDeadline ? "job.deadline_exceeded" : "attempt.timed_out",
      killGraceMs: Math.min(durationMs(spec.killGrace) ?? DEFAULT_KILL_GRACE_MS, LAMBDA_RESERVE_MS),
      api: { url: this.#options.apiUrl, token: attemptToken(await this.#options.attemptKey(), { job: job.id, attemptId, until }) },
    };
  }
}
