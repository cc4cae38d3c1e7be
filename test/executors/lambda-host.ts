// A process that calls a function's handler as Lambda would. Not a test: started by lambda-support.ts.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FunctionAnswer, FunctionCall } from "../../shared/attempt/function-call.ts";

export interface Invocation {
  readonly id: number;
  readonly call: FunctionCall;
  readonly lambdaMs: number;
}

type Handler = (call: FunctionCall, context: { getRemainingTimeInMillis(): number }) => Promise<FunctionAnswer>;

const { handler } = (await import(pathToFileURL(join(process.argv[2]!, "index.mjs")).href)) as { handler: Handler };

process.on("message", ({ id, call, lambdaMs }: Invocation) => {
  const end = performance.now() + lambdaMs;
  void handler(call, { getRemainingTimeInMillis: () => end - performance.now() }).then(
    (answer) => process.send!({ id, answer }),
    (error: Error) => process.send!({ id, error: error.stack }),
  );
});
process.send!({ isReady: true });
