// Names that stacks and runtime code share: nothing else connects them.
import { createHash } from "node:crypto";

export const names = {
  table: "Jobs",
  bucket: "Files",
  bus: "Events",
  api: "Api",
  /** EventBridge `source` of everything that we publish. */
  eventSource: "switchyard",
} as const;

/** Queues of granted turns, one a named priority, the most urgent last. */
export const turnQueues = ["low", "medium", "high", "critical"] as const;
export type TurnQueue = (typeof turnQueues)[number];

/** Jobs to be looked at again at a time within 15 minutes. */
export const queues = [...turnQueues, "wake"] as const;
export type QueueName = (typeof queues)[number];

export const machines = ["express", "standard"] as const;
export type MachineName = (typeof machines)[number];

/** What lies in the bucket, by its first word: functions have rights to these and to nothing else. */
export const fileFolders = ["jobs", "groups", "workflows", "answers"] as const;
/** Too large an answer to a request with an Idempotency-Key; the key is forgotten after a day. */
export const ANSWERS_FOLDER = "answers" satisfies FileFolder;
export type FileFolder = (typeof fileFolders)[number];
export type FileName = `${FileFolder}/${string}`;

/** Where the secrets of a stage lie in the Parameter Store. */
export const parameterPrefix = (stage: string): string => `/switchyard/${stage}`;

const LAMBDA_NAME_CHARS = 64;
const HASH_CHARS = 8;

/** The Lambda of a function job. A name that Lambda would not take, or that is too long, is cut and gets a hash. */
export function jobLambdaName(stage: string, functionName: string): string {
  const name = `switchyard-${stage}-job-${functionName}`;
  if (name.length <= LAMBDA_NAME_CHARS && /^[A-Za-z0-9_-]+$/.test(name)) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_CHARS);
  return `${name.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, LAMBDA_NAME_CHARS - HASH_CHARS - 1)}-${hash}`;
}
