// Questions that are asked of a graph.
import { textOf, type Evaluation, type GraphResource } from "./graph.ts";

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export class GraphView {
  readonly evaluation: Evaluation;

  constructor(evaluation: Evaluation) {
    this.evaluation = evaluation;
  }

  /** Real ones, without components. */
  get resources(): GraphResource[] {
    return this.evaluation.resources.filter(({ isCustom }) => isCustom);
  }

  ofType(type: string): GraphResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** @throws Error unless there is exactly one */
  one(type: string, name: string): GraphResource {
    const found = this.ofType(type).filter((resource) => resource.name === name);
    if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} are called ${name}`);
    return found[0]!;
  }

  /** Role of each Lambda and machine, by ARN. */
  roleOf(arn: unknown): GraphResource {
    const role = this.ofType("aws:iam/role:Role").find(({ outputs }) => outputs.arn === arn);
    if (!role) throw new Error(`there is no role ${String(arn)}`);
    return role;
  }
}

export const statementsOf = (policy: unknown): Statement[] => (JSON.parse(textOf(policy)) as { Statement: Statement[] }).Statement;

/** Of a role's own policies. */
export const rightsOf = ({ inputs }: GraphResource): Statement[] =>
  ((inputs.inlinePolicies ?? []) as { policy: string }[]).flatMap(({ policy }) => statementsOf(policy));

export const listOf = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);
