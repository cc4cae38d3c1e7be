// What an operator may choose, in switchyard.aws.json: read and checked once, handed to everything else here as a value.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

/** Ours, as switchyard.aws.json calls them. */
export const functionNames = [
  "api",
  "dispatch",
  "settle",
  "release",
  "requeue",
  "stream",
  "clock",
  "recover",
  "wake",
  "executionEnded",
] as const;
export type FunctionName = (typeof functionNames)[number];

/** What CloudWatch Logs takes. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const ofFunctions = <T extends z.ZodType>(value: T) => z.strictObject(Object.fromEntries(functionNames.map((name) => [name, value.optional()])) as Record<FunctionName, z.ZodOptional<T>>); // prettier-ignore

/** SQS takes no less than 2 and no more than 1,000. */
const concurrency = z.int().min(2).max(1000).optional();
const megabytes = z.int().min(128).max(10_240).optional();

const Choices = z.strictObject({
  /** Folder of the function jobs. */
  jobs: z.string().min(1).optional(),
  /** Of the API. With a certificate's ARN its DNS record is yours to make; without, both are made in Route 53. */
  domain: z.strictObject({ name: z.hostname(), certificate: z.string().startsWith("arn:").optional() }).optional(),
  /** Sites whose pages may call the API from a browser. */
  cors: z.array(z.url()).optional(),
  /** Whose tokens the API takes besides its own. */
  jwt: z.strictObject({ issuer: z.url(), audience: z.string().min(1) }).optional(),
  /** Where function jobs run if not in Lambda's own network. They must reach the API from there: by a NAT, for example. */
  vpc: z
    .strictObject({
      subnets: z.array(z.string().startsWith("subnet-")).min(1),
      securityGroups: z.array(z.string().startsWith("sg-")).min(1),
    })
    .optional(),
  quotas: z
    .strictObject({
      /** Batches of turns of one priority that are handed over at once. */
      concurrency: z.strictObject({ low: concurrency, medium: concurrency, high: concurrency, critical: concurrency }).optional(),
      /** Of the account's concurrency, set aside for a function of ours; it never has more. */
      reserved: ofFunctions(z.int().min(1)).optional(),
      requestsPerSecond: z.int().min(1).optional(),
      requestBurst: z.int().min(1).optional(),
    })
    .optional(),
  logs: z.strictObject({ retentionDays: z.union(RETENTION_DAYS.map((days) => z.literal(days))).optional() }).optional(),
  /** In MB; `jobs` of every function job that asks for none. */
  memory: ofFunctions(megabytes).extend({ jobs: megabytes }).optional(),
  /** Types of events for the bus, `job.*` for a family, `*` for all. Each published event costs money. */
  publish: z.array(z.string().regex(/^(\*|[a-z]+\.(\*|[a-z_]+))$/, "is no type of event, as job.failed, job.* or *")).optional(),
  alarms: z.strictObject({ email: z.email().optional() }).optional(),
  dashboard: z.boolean().optional(),
});

/**
 * Of the stages of one account no name may be mistaken for another's: the rights of a stage's machines end in the names of its
 * jobs' Lambdas, `switchyard-<stage>-job-…`. Twenty characters, because Lambda's names have 64.
 */
const Stage = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,19}$/, "is no name of a stage: at most 20 of a-z, 0-9 and -, beginning with a letter")
  .refine((stage) => !/-job(-|$)/.test(stage), "may hold no word `job`");

const File = Choices.extend({ stages: z.record(z.string(), Choices).optional() });

export interface Inputs {
  readonly stage: string;
  readonly isProduction: boolean;
  readonly jobs: string;
  readonly domain: { readonly name: string; readonly certificate?: string | undefined } | null;
  readonly cors: readonly string[];
  readonly jwt: { readonly issuer: string; readonly audience: string } | null;
  readonly vpc: { readonly subnets: string[]; readonly securityGroups: string[] } | null;
  readonly quotas: {
    readonly concurrency: Readonly<Record<"low" | "medium" | "high" | "critical", number>>;
    readonly reserved: Readonly<Partial<Record<FunctionName, number>>>;
    readonly requestsPerSecond: number;
    readonly requestBurst: number;
  };
  readonly logs: { readonly retentionDays: number };
  readonly memory: Readonly<Record<FunctionName | "jobs", number>>;
  readonly publish: readonly string[];
  readonly alarms: { readonly email: string | null };
  readonly dashboard: boolean;
}

const FILE = "switchyard.aws.json";

const defaultsFor = (isProduction: boolean) => ({
  jobs: "jobs",
  domain: null,
  cors: [],
  jwt: null,
  vpc: null,
  quotas: { concurrency: { low: 5, medium: 20, high: 20, critical: 20 }, reserved: {}, requestsPerSecond: 500, requestBurst: 1000 },
  logs: { retentionDays: 30 },
  memory: {
    api: 512,
    dispatch: 512,
    settle: 512,
    release: 512,
    requeue: 256,
    stream: 512,
    clock: 512,
    recover: 512,
    wake: 256,
    executionEnded: 256,
    jobs: 512,
  },
  publish: ["*"],
  alarms: { email: null },
  dashboard: isProduction,
});

/** @throws Error naming the field. SWITCHYARD_AWS_CONFIG names another file, SWITCHYARD_JOBS another folder of jobs. */
export function readInputs(stage: string, environment: NodeJS.ProcessEnv = process.env): Inputs {
  const file = environment.SWITCHYARD_AWS_CONFIG ?? FILE;
  const text = existsSync(file) ? readFileSync(file, "utf8") : "{}";
  const inputs = inputsOf(stage, text, file);
  return environment.SWITCHYARD_JOBS ? { ...inputs, jobs: environment.SWITCHYARD_JOBS } : inputs;
}

/** @throws Error naming the field */
export function inputsOf(stage: string, text: string, file = FILE): Inputs {
  checked(z.strictObject({ stage: Stage }), { stage }, "sst --stage");
  const { stages = {}, ...choices } = checked(File, parsed(text, file), file);
  const isProduction = stage === "production";
  const chosen = merged(merged(defaultsFor(isProduction), choices), stages[stage] ?? {});
  return { stage, isProduction, ...(chosen as Omit<Inputs, "stage" | "isProduction">) };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function checked<T>(shape: z.ZodType<T>, value: unknown, where: string): T {
  const { data, error } = shape.safeParse(value);
  if (data !== undefined) return data;
  const faults = (error?.issues ?? []).map((issue) => {
    const path = issue.code === "unrecognized_keys" ? [...issue.path, issue.keys[0]] : issue.path;
    return `${path.join(".")}: ${issue.message}`;
  });
  throw new Error(`${where}: ${faults.join("; ")}`);
}

/** Objects are laid over each other, everything else is taken whole. */
function merged(under: object, over: object): object {
  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);
  const given = Object.entries(over).filter(([, value]) => value !== undefined);
  const laid = given.map(([key, value]: [string, unknown]) => {
    const below = (under as Record<string, unknown>)[key];
    return [key, isObject(below) && isObject(value) ? merged(below, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(laid) };
}
