// `switchyard workflow graph`
import { Option, type Command } from "commander";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { clean, pad, widthOf } from "../output/text.ts";
import { workflowPath } from "../shown.ts";

interface Graph {
  readonly nodes: readonly {
    readonly step: string;
    readonly type: string;
    readonly matrix?: number | null;
    readonly final?: true;
    readonly onFailure?: true;
  }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly on: string }[];
}

interface Options {
  readonly format: "text" | "json" | "mermaid" | "dot";
}

export function addGraph(group: Command): void {
  verbOf(group, "graph <name>", "the graph of a workflow", [
    "workflow graph flights",
    "workflow graph flights --format dot | dot -Tsvg > flights.svg",
  ])
    .addOption(new Option("--format <format>", "how it is drawn").choices(["text", "mermaid", "dot", "json"]).default("text"))
    .action(acting(graph));
}

async function graph({ client, isJson, out }: Call, { format }: Options, name: string): Promise<void> {
  const wanted = isJson || format === "text" ? "json" : format;
  const response = await client.request("GET", workflowPath(name, `/graph?format=${wanted}`));
  if (wanted !== "json") return out.line((await response.text()).trimEnd());
  const drawn = (await response.json()) as Graph;
  if (isJson || format === "json") return out.json(drawn);
  for (const line of graphLines(drawn)) out.line(line);
}

/** A line a step, each behind those that it waits for. */
export function graphLines({ nodes, edges }: Graph): string[] {
  const width = nodes.reduce((most, { step }) => Math.max(most, widthOf(step)), 0);
  return ordered({ nodes, edges }).map(({ step, type, matrix, final, onFailure }) => {
    const after = edges.filter(({ to }) => to === step).map(({ from, on }) => (on === "success" ? from : `${from} (${on})`));
    const many = matrix === undefined ? "" : ` × ${matrix ?? "n"}`;
    const facts = [
      `${type}${many}`,
      after.length > 0 && `after ${after.map(clean).join(", ")}`,
      final && "gives the result",
      onFailure && "on failure",
    ];
    return `${pad(clean(step), width)}  ${facts.filter(Boolean).join("  ")}`;
  });
}

function ordered({ nodes, edges }: Graph): Graph["nodes"][number][] {
  const left = [...nodes];
  const placed: Graph["nodes"][number][] = [];
  const isPlaced = (name: string): boolean => placed.some(({ step }) => step === name);
  while (left.length > 0) {
    const next = left.findIndex(({ step }) => edges.every(({ from, to }) => to !== step || isPlaced(from)));
    placed.push(...left.splice(Math.max(0, next), 1));
  }
  return placed;
}
