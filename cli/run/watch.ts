// `switchyard run watch`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { detachOnInterrupt, wayBack } from "../live/detach.ts";
import { finishGroup } from "../live/finish.ts";
import { watchRun } from "../live/watch-run.ts";

export function addWatch(group: Command): void {
  verbOf(group, "watch <id>", "watch a run and its steps until its end; exits with 1 if it failed").action(acting(watch));
}

async function watch(call: Call, _options: unknown, id: string): Promise<void> {
  detachOnInterrupt(call.err, wayBack("run", id));
  const run = await watchRun(call, id, call.isJson ? null : call.out);
  const { result: _, ...withoutResult } = run;
  finishGroup(call, "run", call.isJson ? run : withoutResult);
}
