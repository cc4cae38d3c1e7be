// `switchyard workflow run`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { commaList, verbOf } from "../globals.ts";
import { readParams, withParams, type ParamOptions } from "../input/params.ts";
import { detachOnInterrupt, wayBack } from "../live/detach.ts";
import { finishGroup } from "../live/finish.ts";
import { watchRun } from "../live/watch-run.ts";
import { paintState } from "../output/state.ts";
import { workflowPath, type Run } from "../shown.ts";

interface Options extends ParamOptions {
  readonly only?: readonly string[];
  readonly from?: readonly string[];
  readonly wait?: boolean;
  readonly follow?: boolean;
  readonly idempotencyKey?: string;
}

const examples = ["workflow run flights --param region=eu --wait", "workflow run flights --from clean"];

export function addRunWorkflow(group: Command): void {
  withParams(verbOf(group, "run <name>", "start a run of the latest version; prints its id", examples))
    .option("--only <steps>", "only these steps; a comma list", commaList)
    .option("--from <steps>", "these steps and all that follow them; a comma list", commaList)
    .option("--idempotency-key <key>", "the same key again gets the first run again")
    .option("--wait", "show its steps until its end and print its result; Ctrl-C stops waiting, not the run")
    .option("--follow", "the same as --wait")
    .action(acting(run));
}

async function run(call: Call, options: Options, name: string): Promise<void> {
  const { only, from, wait, follow, idempotencyKey } = options;
  const params = await readParams(options);
  const body = { ...(params !== undefined && { params }), ...(only && { only }), ...(from && { from }) };
  const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
  const started = await call.client.call<Run>("POST", workflowPath(name, "/runs"), { body, headers });
  if (!wait && !follow) return tell(call, started);
  detachOnInterrupt(call.err, wayBack("run", started.id));
  finishGroup(call, "run", await watchRun(call, started.id, call.isJson ? null : call.err));
}

function tell({ isJson, out }: Call, run: Run): void {
  if (isJson) return out.json(run);
  if (!out.isTerminal) return out.line(run.id);
  out.line(`${run.id}  ${run.workflow} v${run.version}  ${paintState(out.paint, run.state)}`);
  out.line(out.paint.dim(`switchyard run watch ${run.id}`));
}
