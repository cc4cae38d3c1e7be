// Edges that give each job of a step its counterpart in another.
import type { Json } from "../json.ts";
import type { Shape } from "./shape.ts";

/** Why jobs of the two cannot be paired one to one; null = they can. */
export function pairingProblem(child: Shape, parent: Shape): string | null {
  if (child.size !== parent.size) return `pairs ${child.size} jobs with ${parent.size}`;
  if (child.kind !== "matrix" || parent.kind !== "matrix") return null;
  const sizes = ({ axes }: { axes: ReadonlyMap<string, readonly Json[]> }) => [...axes.values()].map((values) => values.length);
  const [mine, theirs] = [sizes(child), sizes(parent)].map((list) => list.filter((size) => size > 1).join(" × "));
  if (mine !== theirs) return `pairs a matrix of ${mine} with one of ${theirs}`;
  const shared = [...child.axes.keys()].filter((axis) => parent.axes.has(axis));
  const order = [...parent.axes.keys()].filter((axis) => child.axes.has(axis));
  // In another order, eu-small of the one would be paired with small-eu of the other.
  return shared.join() === order.join() ? null : `pairs axes ${shared.join(", ")} with ${order.join(", ")}: give both the same order`;
}
