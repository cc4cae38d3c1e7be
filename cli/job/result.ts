// `switchyard job result`
import type { Command } from "commander";
import { isEnd } from "../../shared/domain/job.ts";
import { acting, type Call } from "../call.ts";
import { CliError } from "../errors.ts";
import { verbOf } from "../globals.ts";
import { detachOnInterrupt, wayBack } from "../live/detach.ts";
import { jobFailure } from "../live/finish.ts";
import { watchJob } from "../live/watch-job.ts";
import { jobPath, type Job } from "../shown.ts";

interface Options {
  readonly wait?: boolean;
}

export function addResult(group: Command): void {
  verbOf(group, "result <id>", "the result of a job as JSON; exits with 1 if it failed", ["job result job_1 | jq .rows"])
    .option("--wait", "wait for the job's end")
    .action(acting(result));
}

async function result(call: Call, { wait }: Options, id: string): Promise<void> {
  if (wait) {
    detachOnInterrupt(call.err, wayBack("job", id));
    await watchJob(call, id, call.isJson ? null : call.err);
  }
  try {
    const text = await (await call.client.request("GET", jobPath(id, "/result"))).text();
    // As it came: reading it would round long numbers.
    if (call.out.isTerminal) call.out.json(JSON.parse(text));
    else call.out.line(text);
  } catch (error) {
    if (!(error instanceof CliError) || error.problem.code !== "result.not_found") throw error;
    const job = await call.client.call<Job>("GET", jobPath(id));
    throw isEnd(job.state) && job.state !== "completed" ? jobFailure(job) : error;
  }
}
