// `switchyard run …`
import type { Command } from "commander";
import { acting } from "../call.ts";
import { groupOf, verbOf } from "../globals.ts";
import { groupList, listGroups, type GroupListOptions } from "../output/group-list.ts";
import { paintState } from "../output/state.ts";
import { runPath, type Run } from "../shown.ts";
import { steerEach } from "../steer.ts";
import { addStatus } from "./status.ts";
import { addWatch } from "./watch.ts";

interface ListOptions extends GroupListOptions {
  readonly workflow?: string;
}

const verbs = {
  cancel: "cancel what is left of runs",
  retry: "go on from the failed steps of runs",
  pause: "keep the waiting steps of runs from going on",
  resume: "let paused runs go on",
};

export function addRun(program: Command): void {
  const group = groupOf(program, "run", "executions of workflows (`workflow run` starts one)");
  groupList(group, "runs")
    .option("--workflow <name>", "runs of this workflow")
    .action(
      listGroups<Run, ListOptions>("/v1/runs", ({ workflow }) => ({ workflow }), {
        title: "WORKFLOW",
        of: ({ workflow, version }) => `${workflow} v${version}`,
        isFlexible: true,
      }),
    );
  addStatus(group);
  addWatch(group);
  for (const [verb, summary] of Object.entries(verbs)) {
    verbOf(group, `${verb} <ids...>`, summary).action(
      acting((call, _options, ids: readonly string[]) => steerEach<Run>(call, ids, (id) => runPath(id, `/${verb}`), ({ state }) => paintState(call.out.paint, state))),
    ); // prettier-ignore
  }
}
