// A job as users submit it. The schema says what may stand where; what it means is in spec.ts.
import * as z from "zod";
import { conditions, passes } from "./dependency.ts";
import { parseDuration } from "./duration.ts";
import { namePattern, ownIdPattern } from "./ids.ts";
import { POOL_LIMIT_MAX } from "./pool.ts";

/** Limits of a job, as `GET /v1/limits` names them. */
export const specLimits = {
  tagsPerJob: 50, tagChars: 256, nameChars: 256, descriptionChars: 4096, dependenciesPerJob: 1000, outputFilesPerJob: 100,
  envPerJob: 200, attemptsPerJob: 100, inlineScriptBytes: 256 * 1024,
} as const; // prettier-ignore

export const Duration = z
  .union([z.string(), z.number()])
  .refine((value) => parseDuration(value) !== null, {
    error: 'must be a duration such as "90s", "5m", "24h", "30d", "01:30:00" or a number of seconds, at most ten years',
  })
  .meta({ id: "Duration", description: 'A duration: "90s", "5m", "24h", "30d", "01:30:00", or a number of seconds' });

export const Instant = z.iso.datetime({ offset: true, error: "must be an ISO 8601 time with a zone, as 2026-01-01T00:00:00Z" });

const text = (chars: number) => z.string().max(chars);
/** Whatever goes to a process or a file system: a null byte would cut it short there. */
const plain = (chars: number) => text(chars).refine((value) => !value.includes("\0"), { error: "must not contain null bytes" });

const Tag = z.string().min(1).max(specLimits.tagChars);
const Tags = z
  .union([z.array(Tag), z.record(z.string().min(1), z.string())])
  .describe("A list of strings, or a map that is stored as key=value");

const Priority = z
  .union([z.enum(["low", "medium", "high", "critical"]), z.int().min(-1000).max(1000)], {
    error: "must be low, medium, high, critical or an integer from -1000 to 1000",
  })
  .meta({ id: "Priority" });

const EnvValue = z.union([plain(128 * 1024), z.strictObject({ secret: z.string().min(1).max(2048) })], {
  error: 'must be a string or {"secret": "env:NAME"}',
});
const EnvName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "must be a name of letters, digits and _" });

export const RetryInput = z
  .strictObject({
    maxAttempts: z.int().min(1).max(specLimits.attemptsPerJob),
    policy: z.enum(["fixed", "linear", "exponential"]),
    delay: Duration,
    factor: z.number().min(1).max(100),
    maxDelay: Duration,
    jitter: z.enum(["none", "full"]),
    retryOn: z.array(z.string().min(1).max(128)).max(50),
    maxLosses: z.int().min(0).max(1000),
  })
  .partial()
  .meta({ id: "Retry" });

const ScriptInput = z
  .strictObject({
    inline: plain(specLimits.inlineScriptBytes).min(1).optional(),
    path: plain(4096).min(1).optional(),
    interpreter: plain(1024).min(1).optional(),
    args: z.array(plain(64 * 1024)).max(1000).optional(),
  })
  .refine(({ inline, path }) => (inline === undefined) !== (path === undefined), { error: "needs exactly one of inline and path" })
  .meta({ id: "Script" }); // prettier-ignore

const ContainerInput = z
  .strictObject({
    image: z.string().min(1).max(1024),
    command: z.union([z.string(), z.array(z.string())]).optional(),
    entrypoint: z.array(z.string()).optional(),
    shell: z.boolean().optional(),
  })
  .meta({ id: "Container" });

const Size = z.union([z.string().regex(/^\d+(\.\d+)?\s*(MB|GB|TB)$/i), z.number().positive()], {
  error: 'must be "512MB", "2GB" or a number of MB',
});
const Resources = z
  .strictObject({
    cpu: z.number().positive(), memory: Size, gpu: z.int().min(0), storage: Size, nodes: z.int().positive(),
    tasksPerNode: z.int().positive(), walltime: Duration, queue: z.string(), extra: z.record(z.string(), z.string()),
  })
  .partial()
  .meta({ id: "Resources" }); // prettier-ignore

const relativePath = plain(4096)
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), { error: "must be a relative path without .." });

export const Reference = z.string().regex(ownIdPattern, { error: "must be a job id" });
const DependencyInput = z.union([
  Reference,
  z.int().min(0),
  z.strictObject({
    job: z.union([Reference, z.int().min(0)]),
    on: z.enum(conditions).optional(),
    pass: z.enum(passes).optional(),
  }),
]);

/** What a job says of the work itself; steps of workflows say the same. */
export const workFields = {
  description: text(specLimits.descriptionChars).optional(),
  tags: Tags.optional(),
  metadata: z.record(z.string(), z.json()).optional(),
  type: z.enum(["function", "script", "container"]).optional(),
  function: z.string().regex(namePattern, { error: "must be a name such as resize-image" }).optional(),
  script: ScriptInput.optional(),
  container: ContainerInput.optional(),
  params: z.json().optional(),
  payload: z.json().optional().describe("Alias of params"),
  env: z.record(EnvName, EnvValue).optional(),
  workingDir: plain(4096).min(1).optional(),
  outputFiles: z.array(relativePath).max(specLimits.outputFilesPerJob).optional(),
  priority: Priority.optional(),
  retry: RetryInput.optional(),
  maxRetries: z.int().min(0).max(specLimits.attemptsPerJob - 1).optional().describe("Shorthand for retry.maxAttempts - 1"),
  retryDelay: Duration.optional().describe("Shorthand for retry.delay"),
  timeout: Duration.optional(),
  killGrace: Duration.optional(),
  executor: z.string().min(1).max(64).optional(),
  runner: z.string().min(1).max(64).optional().describe("Alias of executor"),
  resources: Resources.optional(),
  concurrency: z
    .strictObject({ key: plain(256).min(1), limit: z.int().min(1).max(POOL_LIMIT_MAX).optional() })
    .optional(),
  pausePolicy: z.enum(["freeze", "checkpoint", "requeue", "none"]).optional(),
  retention: Duration.optional(),
}; // prettier-ignore

export const JobInput = z
  .strictObject({
    id: z.string().regex(ownIdPattern, { error: "must be 1 to 64 letters, digits, . _ or -, the first a letter or digit" }).optional(),
    name: text(specLimits.nameChars).optional(),
    ...workFields,
    dependencies: z.array(DependencyInput).max(specLimits.dependenciesPerJob).optional(),
    autoStart: z.boolean().optional(),
    deadline: z.union([Instant, Duration]).optional().describe("An instant, or a duration since submit"),
    ttl: z.union([Instant, Duration]).optional().describe("Cancelled if not started by then"),
    delay: Duration.optional(),
    runAt: Instant.optional(),
  })
  .meta({ id: "JobInput" });

export type JobInput = z.infer<typeof JobInput>;
export type WorkInput = Pick<JobInput, keyof typeof workFields>;
export type EnvInput = NonNullable<WorkInput["env"]>;
