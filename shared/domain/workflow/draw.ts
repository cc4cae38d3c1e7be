// The graph of a workflow, for programs (json) and for people (mermaid, dot).
import type { JobType } from "../job.ts";
import { meaningOf } from "../spec.ts";
import { type Definition, isMany, type StepEdge } from "./definition.ts";
import { literalShapes } from "./shape.ts";

export interface GraphNode {
  readonly step: string;
  readonly type: JobType;
  /** Only of steps of many jobs: how many; null = the params of a run say it. */
  readonly matrix?: number | null;
  readonly final?: true;
  readonly onFailure?: true;
}

export interface GraphEdge extends Omit<StepEdge, "step"> {
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const graphFormats = ["json", "mermaid", "dot"] as const;
export type GraphFormat = (typeof graphFormats)[number];

export function drawGraph(definition: Definition, format: "json"): Graph;
export function drawGraph(definition: Definition, format: "mermaid" | "dot"): string;
export function drawGraph(definition: Definition, format: GraphFormat): Graph | string;
export function drawGraph(definition: Definition, format: GraphFormat): Graph | string {
  const graph = graphOf(definition);
  if (format === "json") return graph;
  return format === "mermaid" ? mermaid(graph) : dot(graph, definition.name ?? "workflow");
}

function graphOf({ steps, final, onFailure }: Definition): Graph {
  const shapes = literalShapes(steps);
  return {
    nodes: [...steps.values()].map((step) => ({
      step: step.name,
      type: meaningOf(step.work).spec.type,
      ...(isMany(step) && { matrix: shapes.get(step.name)?.size ?? null }),
      ...(step.name === final && { final: true as const }),
      ...(step.name === onFailure && { onFailure: true as const }),
    })),
    edges: [...steps.values()].flatMap((child) => child.after.map(({ step, ...edge }) => ({ from: step, to: child.name, ...edge }))),
  };
}

/** The second line of a node. */
function captionOf({ type, matrix, final, onFailure }: GraphNode): string {
  const jobs = matrix === undefined ? type : `${type} × ${matrix ?? "n"}`;
  return [jobs, final && "final", onFailure && "on failure"].filter(Boolean).join(", ");
}

function mermaid({ nodes, edges }: Graph): string {
  // Numbers as ids, because a step may be called `end` or `class`, which are words of the language.
  const ids = new Map(nodes.map(({ step }, index) => [step, `n${index}`]));
  const escaped = (text: string) => text.replace(/[#"<>&]/g, (character) => `#${character.charCodeAt(0)};`);
  const box = (node: GraphNode) => {
    const label = `"${escaped(node.step)}<br/>${escaped(captionOf(node))}"`;
    if (node.onFailure) return `{{${label}}}`;
    return node.final ? `[[${label}]]` : `[${label}]`;
  };
  const arrow = ({ on }: GraphEdge) => (on === "success" ? "-->" : `-->|${on}|`);
  return lines([
    "flowchart LR",
    ...nodes.map((node) => `  ${ids.get(node.step)}${box(node)}`),
    ...edges.map((edge) => `  ${ids.get(edge.from)} ${arrow(edge)} ${ids.get(edge.to)}`),
  ]);
}

function dot({ nodes, edges }: Graph, title: string): string {
  const escaped = (text: string) => text.replace(/[\\"]/g, String.raw`\$&`);
  const style = ({ final, onFailure }: GraphNode) => (onFailure ? ", style=dashed" : final ? ", peripheries=2" : "");
  const label = ({ on }: GraphEdge) => (on === "success" ? "" : ` [label="${on}"]`);
  return lines([
    `digraph "${escaped(title)}" {`,
    "  rankdir=LR;",
    "  node [shape=box];",
    ...nodes.map(
      (node) => String.raw`  "${escaped(node.step)}" [label="${escaped(node.step)}\n${escaped(captionOf(node))}"${style(node)}];`,
    ),
    ...edges.map((edge) => `  "${escaped(edge.from)}" -> "${escaped(edge.to)}"${label(edge)};`),
    "}",
  ]);
}

const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;
