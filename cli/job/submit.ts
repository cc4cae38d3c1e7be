// `switchyard job submit`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { collect, count, duration, verbOf } from "../globals.ts";
import { readParams, withParams, type ParamOptions } from "../input/params.ts";
import { detachOnInterrupt, wayBack } from "../live/detach.ts";
import { finishJob } from "../live/finish.ts";
import { followLogs } from "../live/logs.ts";
import { untilEnd, watchJob } from "../live/watch-job.ts";
import { paintState } from "../output/state.ts";
import { usage } from "../errors.ts";
import { jobPath, type Job } from "../shown.ts";
import { jobOf, type SpecOptions } from "./spec.ts";

interface Options extends SpecOptions, ParamOptions {
  readonly wait?: boolean;
  readonly follow?: boolean;
  readonly idempotencyKey?: string;
}

const examples = [
  "job submit ./report.py --param region=eu --wait",
  "job submit ./build.sh --follow -- --release",
  "job submit --function resize --params params.yaml --max-attempts 5",
  "job submit --image alpine -- echo hello",
  "job submit --inline 'echo $GREETING' --env GREETING=hi --after job_1:always",
];

export function addSubmit(group: Command): void {
  const command = verbOf(group, "submit [script] [args...]", "submit a job: a script, a function or a container; prints its id", examples);
  waiting(spec(work(command))).action(acting(submit));
}

const work = (command: Command): Command =>
  withParams(
    command
      .option("--function <name>", "run a function of the jobs folder")
      .option("--image <image>", "run a container; its command goes behind --")
      .option("--inline <text>", "run this text as a script")
      .option("--interpreter <program>", "what runs the script (else by its first line or its name)"),
  )
    .option("--env <name=value>", "an environment variable; repeatable", collect)
    .option("--secret <name=source>", "an environment variable from a secret, as TOKEN=env:API_TOKEN; repeatable", collect);

const spec = (command: Command): Command =>
  command
    .option("--name <name>", "what people call it")
    .option("--id <id>", "an id of your own")
    .option("--tag <tag>", "a tag; repeatable", collect)
    .option("--priority <priority>", "low, medium, high, critical, or -1000 to 1000")
    .option("--timeout <duration>", "how long an attempt may take", duration)
    .option("--max-attempts <n>", "how often it is tried", count)
    .option("--retry-delay <duration>", "wait before the second attempt; it grows from there", duration)
    .option("--after <id>", "wait for this job; ID:failure or ID:always for another end than success; repeatable", collect)
    .option("--delay <duration>", "start it this much later", duration)
    .option("--run-at <time>", "start it not before this time, as 2026-01-01T00:00:00Z")
    .option("--deadline <time|duration>", "it fails if it has not ended by then")
    .option("--ttl <time|duration>", "it is cancelled if it has not started by then")
    .option("--executor <name>", "where it runs (default auto)")
    .option("--workdir <dir>", "its working directory; relative: below the attempt's folder")
    .option("--output <path>", "a file that it must leave; repeatable", collect)
    .option("--concurrency-key <key>", "runs together only with so many of this key")
    .option("--concurrency-limit <n>", "how many of the key may run at once", count)
    .option("--no-start", "keep it until `job start`")
    .option("--idempotency-key <key>", "the same key again gets the first job again");

const waiting = (command: Command): Command =>
  command
    .option("--wait", "wait for its end and print its result; Ctrl-C stops waiting, not the job")
    .option("--follow", "print its log as it comes, then its result");

async function submit(call: Call, options: Options, script: string | undefined, args: readonly string[]): Promise<void> {
  const operands = script === undefined ? args : [script, ...args];
  if (options.wait && options.follow) throw usage("--follow waits by itself: give it without --wait.");
  const body = jobOf(options, operands, await readParams(options), process.cwd());
  const headers = options.idempotencyKey === undefined ? {} : { "idempotency-key": options.idempotencyKey };
  const job = await call.client.call<Job>("POST", "/v1/jobs", { body, headers });
  if (options.follow) return follow(call, job);
  if (options.wait) return wait(call, job);
  tell(call, job);
}

function tell({ isJson, out }: Call, job: Job): void {
  if (isJson) return out.json(job);
  // The id alone, for `id=$(switchyard job submit …)`.
  if (!out.isTerminal) return out.line(job.id);
  out.line(`${job.id}  ${paintState(out.paint, job.state)}`);
  out.line(out.paint.dim(`switchyard job watch ${job.id}`));
}

async function wait(call: Call, job: Job): Promise<void> {
  detachOnInterrupt(call.err, wayBack("job", job.id));
  await finishJob(call, await watchJob(call, job.id, call.isJson ? null : call.err));
}

async function follow(call: Call, job: Job): Promise<void> {
  detachOnInterrupt(call.err, wayBack("job", job.id));
  if (!call.isJson) call.err.line(call.err.paint.dim(`${job.id} is ${job.state}`));
  await followLogs(call, jobPath(job.id, "/logs?follow=1"));
  await finishJob(call, await untilEnd(call, job.id, 1));
}
