// `switchyard workflow …`
import type { Command } from "commander";
import { acting } from "../call.ts";
import { groupOf, verbOf } from "../globals.ts";
import { printList } from "../output/list.ts";
import { ago } from "../output/time.ts";
import { listed } from "../pages.ts";
import { workflowPath, type Workflow } from "../shown.ts";
import { addApply } from "./apply.ts";
import { addGraph } from "./graph.ts";
import { addRunWorkflow } from "./run.ts";

export function addWorkflow(program: Command): void {
  const group = groupOf(program, "workflow", "workflows: graphs of steps, stored by name");
  addApply(group);
  addList(group);
  addRunWorkflow(group);
  addGraph(group);
  addDelete(group);
}

function addList(group: Command): void {
  verbOf(group, "list", "the latest version of each, by name").action(
    acting(async (call) => {
      const workflows = await listed<Workflow>(call.client, "/v1/workflows", {}, Infinity);
      const now = Date.now();
      printList(call, workflows, [
        { title: "NAME", of: ({ name }) => name },
        { title: "VERSION", of: ({ version }) => version, align: "right" },
        { title: "STEPS", of: ({ steps }) => Object.keys(steps).length, align: "right" },
        { title: "STORED", of: ({ createdAt }) => ago(createdAt, now), leftOut: 1 },
        { title: "DESCRIPTION", of: ({ description }) => description, isFlexible: true, leftOut: 2 },
      ], "No workflows; `switchyard workflow apply FILE` stores one."); // prettier-ignore
    }),
  );
}

function addDelete(group: Command): void {
  verbOf(group, "delete <name>", "let no new run be started; its runs stay").action(
    acting(async ({ client, isJson, out }, _options, name: string) => {
      await client.call("DELETE", workflowPath(name));
      if (isJson) out.json({ name, deleted: true });
      else out.line(`${name}  deleted`);
    }),
  );
}
