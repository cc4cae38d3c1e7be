// What a schema refuses, in the words of the request: a dotted path and a sentence.
import type { z } from "zod";
import { didYouMean, SwitchyardError, type Fault } from "../domain/errors.ts";

type Issue = z.core.$ZodIssue;
const FAULTS_MAX = 20;

/** @throws SwitchyardError `request.invalid` */
export function parsed<T extends z.ZodType>(schema: T, value: unknown, root = ""): z.output<T> {
  const answer = schema.safeParse(value);
  if (answer.success) return answer.data;
  const known = "shape" in schema ? Object.keys(schema.shape as object) : [];
  const faults = answer.error.issues.flatMap((issue) => faultsOf(issue, root === "" ? [] : [root], known)).slice(0, FAULTS_MAX);
  throw new SwitchyardError(
    "request.invalid",
    faults.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)).join("; "),
    { faults },
  );
}

function faultsOf(issue: Issue, root: readonly PropertyKey[], known: readonly string[]): Fault[] {
  const path = [...root, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key].join("."),
      message: `is not a known field.${didYouMean(key, path.length === root.length ? known : [])}`,
    }));
  }
  if (issue.code === "invalid_union") {
    const branch = nearestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => faultsOf({ ...inner, path: [...issue.path, ...inner.path] }, root, []));
  }
  return [{ path: path.map(String).join("."), message: messageOf(issue) }];
}

/** The branch that got furthest into the value is the one that was meant; none, if all fail at the door. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (issues: readonly Issue[]): number =>
    Math.max(...issues.map((issue) => issue.path.length + (issue.code === "unrecognized_keys" ? 1 : 0)));
  const [deepest] = branches.filter((issues) => issues.length > 0).toSorted((a, b) => depth(b) - depth(a) || a.length - b.length);
  return deepest && depth(deepest) > 0 ? deepest : undefined;
}

function messageOf(issue: Issue): string {
  const { message } = issue;
  if (message.startsWith("Invalid input: expected ")) {
    const [, expected = "", received = ""] = /^Invalid input: expected (.+?)(?:, received (.+))?$/.exec(message) ?? [];
    return received === "undefined" ? "is missing" : `must be ${expected}${received ? `, not ${received}` : ""}`;
  }
  return message[0]!.toLowerCase() + message.slice(1);
}
