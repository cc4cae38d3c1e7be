// The fixture jobs as they are built for Lambda, called as Lambda would.
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { buildJobs } from "../../shared/adapters/aws/function-build/build-jobs.ts";
import type { FunctionAnswer, FunctionCall, GivenToFunction } from "../../shared/attempt/function-call.ts";
import { newId } from "../../shared/domain/ids.ts";
import type { Json } from "../../shared/domain/json.ts";
import { AttemptApi } from "./attempt-api.ts";
import type { Invocation } from "./lambda-host.ts";
import { newFolder } from "./script-support.ts";

let built: Promise<string> | null = null;

/** The folder of each function is named as the function. */
export function builtFixtures(): Promise<string> {
  return (built ??= build(join(import.meta.dirname, "jobs")));
}

export async function build(jobsDir: string, outDir = newFolder()): Promise<string> {
  const answer = await buildJobs(jobsDir, outDir);
  if ("problems" in answer) throw new Error(JSON.stringify(answer.problems));
  return outDir;
}

type Wanted = Partial<Omit<FunctionCall, "given">> & Partial<Omit<GivenToFunction, "params" | "inputs">> & { params?: Json; inputs?: Json };

export interface LambdaOptions {
  readonly folder?: string;
  readonly memoryMb?: number;
  readonly env?: Record<string, string>;
}

/** A warm Lambda and the API that its attempts speak with. */
export class FunctionLambda {
  readonly api = new AttemptApi();
  readonly tmp = newFolder();
  #child: ChildProcess | null = null;
  #last = 0;

  /** Tests that run side by side say themselves how they are told of their end. */
  static async start({ folder, memoryMb = 1024, env = {} }: LambdaOptions = {}, onFinished = onTestFinished): Promise<FunctionLambda> {
    const lambda = new FunctionLambda();
    await lambda.api.open();
    const own = { PATH: process.env.PATH ?? "", TMPDIR: lambda.tmp, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb), ...env };
    const child = fork(join(import.meta.dirname, "lambda-host.ts"), [folder ?? join(await builtFixtures(), "act")], {
      env: own,
      execArgv: ["--no-warnings"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.setMaxListeners(0);
    lambda.#child = child;
    onFinished(() => lambda.close());
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", (code) => reject(new Error(`The Lambda exited with ${code} at its start.`)));
    });
    return lambda;
  }

  /** Rejects if the process ends instead. */
  invoke(call: FunctionCall, lambdaMs = 900_000): Promise<FunctionAnswer> {
    const id = ++this.#last;
    const child = this.#child!;
    return new Promise((resolve, reject) => {
      const heard = (message: { id: number; answer?: FunctionAnswer; error?: string }): void => {
        if (message.id !== id) return;
        child.off("message", heard);
        if (message.answer) resolve(message.answer);
        else reject(new Error(message.error));
      };
      child.on("message", heard);
      child.once("exit", (code, signal) => reject(new Error(`ended by ${signal ?? code}`)));
      child.send({ id, call, lambdaMs } satisfies Invocation);
    });
  }

  call(wanted: Wanted = {}): FunctionCall {
    const { params = {}, inputs = {}, env = {}, secrets = [], ...more } = wanted;
    return {
      attemptId: newId("attempt"),
      attempt: 1,
      job: { id: newId("job") },
      given: { params: JSON.stringify(params), inputs: JSON.stringify(inputs), env, secrets },
      outputFiles: [],
      timeoutMs: 60_000,
      timeoutCode: "attempt.timed_out",
      killGraceMs: 10_000,
      api: { url: this.api.url, token: this.api.token },
      ...more,
    };
  }

  run(wanted: Wanted = {}, lambdaMs?: number): Promise<FunctionAnswer> {
    return this.invoke(this.call(wanted), lambdaMs);
  }

  /** A call of `jobs/act.ts`. */
  act(name: string, { text, count, ...wanted }: { text?: string; count?: number } & Wanted = {}): Promise<FunctionAnswer> {
    return this.run({ ...wanted, params: { do: name, ...(text !== undefined && { text }), ...(count !== undefined && { count }) } });
  }

  close(): void {
    this.#child?.kill("SIGKILL");
    this.api.close();
  }
}
