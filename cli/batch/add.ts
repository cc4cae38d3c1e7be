// `switchyard batch …`
import type { Command } from "commander";
import { acting } from "../call.ts";
import { groupOf, verbOf } from "../globals.ts";
import { groupList, listGroups, type GroupListOptions } from "../output/group-list.ts";
import { paintState } from "../output/state.ts";
import { batchPath, type Batch } from "../shown.ts";
import { steerEach } from "../steer.ts";
import { addStatus } from "./status.ts";
import { addSubmit } from "./submit.ts";

interface ListOptions extends GroupListOptions {
  readonly name?: string;
}

const verbs = { cancel: "cancel what is left of batches", retry: "try what failed in batches again" };

export function addBatch(program: Command): void {
  const group = groupOf(program, "batch", "jobs submitted together");
  addSubmit(group);
  groupList(group, "batches")
    .option("--name <name>", "the whole name")
    .action(
      listGroups<Batch, ListOptions>("/v1/batches", ({ name }) => ({ name }), { title: "NAME", of: ({ name }) => name, isFlexible: true }),
    );
  addStatus(group);
  for (const [verb, summary] of Object.entries(verbs)) {
    verbOf(group, `${verb} <ids...>`, summary).action(
      acting((call, _options, ids: readonly string[]) => steerEach<Batch>(call, ids, (id) => batchPath(id, `/${verb}`), ({ state }) => paintState(call.out.paint, state))),
    ); // prettier-ignore
  }
}
