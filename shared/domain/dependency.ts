// An edge "B waits for A": what fulfils it, and what B does once all its edges are resolved.
import type { EndState } from "./job.ts";

export const conditions = ["success", "failure", "always"] as const;
export type Condition = (typeof conditions)[number];
export const passes = ["result", "artifacts", "none"] as const;
export type Pass = (typeof passes)[number];

/** `label` is the name under which the child finds the parent's result; null = the parent's job id. */
export interface Dependency {
  readonly job: string;
  readonly on: Condition;
  readonly pass: Pass;
  readonly label: string | null;
}

export type EdgeState = "open" | "met" | "unmet";

/** An edge as stored. */
export interface Edge {
  readonly child: string;
  readonly parent: string;
  readonly on: Condition;
  readonly pass: Pass;
  readonly label: string | null;
  readonly state: EdgeState;
}

export function meets(condition: Condition, ended: EndState): boolean {
  if (condition === "always") return true;
  return condition === "success" ? ended === "completed" : ended === "failed";
}

export const resolved = (condition: Condition, ended: EndState): EdgeState => (meets(condition, ended) ? "met" : "unmet");

/** An unmet edge with nothing failed behind it: the branch for a failure that did not come. */
export const isSkipped = (condition: Condition, ended: EndState): boolean => condition === "failure" && ended === "completed";
