// What the Lambda that this runs in lets a function have.

type Environment = Readonly<Record<string, string | undefined>>;

/** Everything but what Lambda's own runtime talks to itself with. */
const notTheFunctions: ReadonlySet<string> = new Set(["_HANDLER", "AWS_LAMBDA_RUNTIME_API", "_X_AMZN_TRACE_ID"]);

export const functionEnvironment = (env: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !notTheFunctions.has(entry[0])),
  );

/** Node itself, with the main thread, takes about that much before anything runs. */
const NODE_MB = 80;
const HEAP_MB_MIN = 48;
const MEMORY_MB_DEFAULT = 1024;

/** So much that the function's heap is full before the Lambda is, whose end nobody could tell the reason of. */
export function heapMbOf(env: Environment): number {
  const memoryMb = Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) || MEMORY_MB_DEFAULT;
  return Math.max(HEAP_MB_MIN, Math.floor(memoryMb * 0.9) - NODE_MB);
}
