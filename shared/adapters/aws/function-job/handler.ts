// The handler of a function job's Lambda. It runs the function in another thread, so that it can speak, and stop it, while the
// function blocks.
import { setTimeout as wait } from "node:timers/promises";
import type { FunctionAnswer, FunctionCall } from "../../../attempt/function-call.ts";
import { attend } from "./attempt.ts";
import { JobThread } from "./job-thread.ts";
import { functionEnvironment, heapMbOf } from "./lambda-environment.ts";
import { makeScratch } from "./scratch.ts";

const START_MS_MAX = 3000;

const folder = makeScratch();
const thread = new JobThread({
  entry: new URL("thread.mjs", import.meta.url),
  folder,
  env: functionEnvironment(process.env),
  heapMb: heapMbOf(process.env),
});
let last: Promise<unknown> = Promise.resolve();

// Until its first event a Lambda has more of the processor than its memory gives it afterwards.
await Promise.race([thread.warm(), wait(START_MS_MAX, undefined, { ref: false })]);

interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** One attempt at a time, whoever calls. */
export function handler(call: FunctionCall, context: LambdaContext): Promise<FunctionAnswer> {
  const answer = last.then(() => {
    // Its native code would go on beside this attempt, and a plain exit would wait for it. Lambda starts another process, and this
    // attempt is started again there.
    if (thread.isStuck) process.kill(process.pid, "SIGKILL");
    return attend(call, { thread, folder, remainingMs: () => context.getRemainingTimeInMillis() });
  });
  last = answer.catch(() => undefined);
  return answer;
}
