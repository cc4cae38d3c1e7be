// The job that a command line describes.
import { resolve } from "node:path";
import type { Json, JsonObject } from "../../shared/domain/json.ts";
import { usage } from "../errors.ts";
import { pairOf } from "../input/pairs.ts";

export interface SpecOptions {
  readonly function?: string;
  readonly image?: string;
  readonly inline?: string;
  readonly interpreter?: string;
  readonly env?: readonly string[];
  readonly secret?: readonly string[];
  readonly name?: string;
  readonly id?: string;
  readonly tag?: readonly string[];
  readonly priority?: string;
  readonly timeout?: string;
  readonly maxAttempts?: number;
  readonly retryDelay?: string;
  readonly after?: readonly string[];
  readonly delay?: string;
  readonly runAt?: string;
  readonly deadline?: string;
  readonly ttl?: string;
  readonly executor?: string;
  readonly workdir?: string;
  readonly output?: readonly string[];
  readonly concurrencyKey?: string;
  readonly concurrencyLimit?: number;
  readonly start?: boolean;
}

/** The body of `POST /v1/jobs`. @throws CliError for what makes no job */
export function jobOf(options: SpecOptions, operands: readonly string[], params: Json | undefined, cwd: string): JsonObject {
  if (options.concurrencyLimit !== undefined && options.concurrencyKey === undefined)
    throw usage("--concurrency-limit needs --concurrency-key.");
  return given({
    ...workOf(options, operands, cwd),
    params,
    env: envOf(options),
    name: options.name,
    id: options.id,
    tags: options.tag && [...options.tag],
    priority: options.priority !== undefined && /^-?\d+$/.test(options.priority) ? Number(options.priority) : options.priority,
    timeout: options.timeout,
    retry: some(given({ maxAttempts: options.maxAttempts, delay: options.retryDelay })),
    dependencies: options.after?.map(dependencyOf),
    delay: options.delay,
    runAt: options.runAt,
    deadline: options.deadline,
    ttl: options.ttl,
    executor: options.executor,
    workingDir: options.workdir,
    outputFiles: options.output && [...options.output],
    concurrency: options.concurrencyKey === undefined ? undefined : given({ key: options.concurrencyKey, limit: options.concurrencyLimit }),
    autoStart: options.start === false ? false : undefined,
  });
}

function workOf(
  { function: name, image, inline, interpreter }: SpecOptions,
  operands: readonly string[],
  cwd: string,
): Record<string, Json> {
  const chosen = Object.entries({ "--function": name, "--image": image, "--inline": inline }).filter(([, value]) => value !== undefined);
  if (chosen.length > 1) throw usage(`${chosen.map(([option]) => option).join(" and ")} are different jobs: give one of them.`);
  if (interpreter !== undefined && (name ?? image) !== undefined) throw usage("--interpreter is for scripts.");
  if (name !== undefined) {
    if (operands.length > 0)
      throw usage(`A function takes params, not arguments: ${operands.join(" ")}.`, "Give them by --param NAME=VALUE or --params FILE.");
    return { function: name };
  }
  if (image !== undefined) return { container: given({ image, command: operands.length > 0 ? [...operands] : undefined }) };
  const [path, args] = inline === undefined ? [operands[0], operands.slice(1)] : [undefined, operands];
  if (inline === undefined && path === undefined)
    throw usage("What is to be run?", "Give a script, --function NAME, --image IMAGE or --inline TEXT.");
  // Whole, because the server was started elsewhere.
  return {
    script: given({
      inline,
      path: path === undefined ? undefined : resolve(cwd, path),
      interpreter,
      args: args.length > 0 ? [...args] : undefined,
    }),
  };
}

function envOf({ env = [], secret = [] }: SpecOptions): JsonObject | undefined {
  const values = env.map((pair): [string, Json] => pairOf(pair, "--env"));
  const secrets = secret.map((pair): [string, Json] => {
    const [name, source] = pairOf(pair, "--secret");
    return [name, { secret: source }];
  });
  return some(Object.fromEntries([...values, ...secrets]));
}

function dependencyOf(text: string): Json {
  const [job = "", on, ...more] = text.split(":");
  const isKnown = on === undefined || on === "success" || on === "failure" || on === "always";
  if (job === "" || !isKnown || more.length > 0) throw usage(`--after ${text} is no ID, ID:failure or ID:always.`);
  return on === undefined ? job : { job, on };
}

/** Without what was not given. */
const given = (fields: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined));

const some = (fields: JsonObject): JsonObject | undefined => (Object.keys(fields).length === 0 ? undefined : fields);
