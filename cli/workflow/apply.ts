// `switchyard workflow apply`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { usage } from "../errors.ts";
import { verbOf } from "../globals.ts";
import { workflowPath, type Workflow } from "../shown.ts";
import { readDefinition } from "./definition-file.ts";

const CREATED = 201;

export function addApply(group: Command): void {
  verbOf(group, "apply <file>", "store a definition from JSON, YAML (- = stdin), or the default export of a .ts, .js or .mjs file", [
    "workflow apply flights.yaml",
    "workflow apply flights.ts --name flights-test",
  ])
    .option("--name <name>", "its name (else the definition's)")
    .action(acting(apply));
}

async function apply({ client, isJson, out }: Call, options: { readonly name?: string }, file: string): Promise<void> {
  const definition = await readDefinition(file);
  const name = options.name ?? definition.name;
  if (typeof name !== "string" || name === "") throw usage(`${file} does not name its workflow.`, "Give a name in the file or by --name.");
  // One that holds another name would be refused by the server.
  const body = JSON.stringify({ ...definition, name });
  const response = await client.request("PUT", workflowPath(name), { body, contentType: "application/json" });
  const workflow = (await response.json()) as Workflow;
  if (isJson) return out.json(workflow);
  out.line(`${workflow.name}  version ${workflow.version}  ${response.status === CREATED ? "stored" : "unchanged"}`);
}
