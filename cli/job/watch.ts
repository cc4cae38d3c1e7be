// `switchyard job watch`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { EndedBadly } from "../errors.ts";
import { verbOf } from "../globals.ts";
import { detachOnInterrupt, wayBack } from "../live/detach.ts";
import { finishJob, jobFailure } from "../live/finish.ts";
import { watchJob } from "../live/watch-job.ts";

export function addWatch(group: Command): void {
  verbOf(group, "watch <id>", "watch a job until its end; exits with 1 if it failed").action(acting(watch));
}

async function watch(call: Call, _options: unknown, id: string): Promise<void> {
  detachOnInterrupt(call.err, wayBack("job", id));
  const job = await watchJob(call, id, call.isJson ? null : call.out);
  if (call.isJson) return finishJob(call, job);
  if (job.state === "completed") return;
  // The last view has said it.
  throw call.out.isTerminal ? new EndedBadly() : jobFailure(job);
}
