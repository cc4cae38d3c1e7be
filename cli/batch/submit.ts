// `switchyard batch submit`
import type { Command } from "commander";
import { isObject, type Json } from "../../shared/domain/json.ts";
import { acting, type Call } from "../call.ts";
import { usage } from "../errors.ts";
import { verbOf } from "../globals.ts";
import { readDocument } from "../input/document.ts";
import { detachOnInterrupt } from "../live/detach.ts";
import { finishGroup } from "../live/finish.ts";
import { watchBatch } from "../live/watch-batch.ts";
import { countsText } from "../output/state.ts";
import type { Batch } from "../shown.ts";

interface Options {
  readonly name?: string;
  readonly wait?: boolean;
  readonly idempotencyKey?: string;
}

const examples = ["batch submit jobs.yaml --wait", "generate-jobs | switchyard batch submit -"];

export function addSubmit(group: Command): void {
  verbOf(
    group,
    "submit <file>",
    "submit the jobs of a JSON or YAML file (- = stdin) together: a list of jobs, or {name, jobs, tolerate}",
    examples,
  )
    .option("--name <name>", "what people call it")
    .option("--idempotency-key <key>", "the same key again gets the first batch again")
    .option("--wait", "wait for its end; exits with 1 if more failed than it tolerates")
    .action(acting(submit));
}

async function submit(call: Call, { name, wait, idempotencyKey }: Options, file: string): Promise<void> {
  const body = batchOf(await readDocument(file), name);
  const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
  const batch = await call.client.call<Batch & { jobs: { id: string }[] }>("POST", "/v1/batches", { body, headers });
  if (!wait) return tell(call, batch, batch.jobs.length);
  const lines = [
    "Detached: the batch goes on.",
    `  switchyard batch status ${batch.id}   to see how it stands`,
    `  switchyard batch cancel ${batch.id}   to stop it`,
  ];
  detachOnInterrupt(call.err, lines);
  finishGroup(call, "batch", await watchBatch(call, batch, call.isJson ? null : call.err));
}

/** What is in the file's jobs is for the server to check. @throws CliError */
export function batchOf(document: Json, name: string | undefined): Json {
  const batch = Array.isArray(document) ? { jobs: document } : document;
  if (!isObject(batch) || !("jobs" in batch)) throw usage("The file holds neither a list of jobs nor an object with jobs.");
  return { ...batch, ...(name !== undefined && { name }) };
}

function tell({ isJson, out }: Call, batch: Batch, jobs: number): void {
  if (isJson) return out.json(batch);
  if (!out.isTerminal) return out.line(batch.id);
  out.line(`${batch.id}  ${jobs} jobs: ${countsText(batch.counts, out.paint)}`);
  out.line(out.paint.dim(`switchyard batch status ${batch.id}`));
}
