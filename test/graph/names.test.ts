import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { evaluate } from "../graph-harness/evaluate.ts";
import { textOf, type Values } from "../graph-harness/graph.ts";
import { root } from "../graph-harness/places.ts";
import { GraphView } from "../graph-harness/view.ts";
import { graphOf } from "./graph.given.ts";

/** What AWS tells two resources of a type apart by, where they have a name. */
const physicalNames = (graph: GraphView): string[] =>
  graph.resources.flatMap(({ type, inputs }) => {
    const name = inputs.name ?? inputs.bucket ?? inputs.dashboardName;
    // Parts of another resource are called by it, or by what AWS calls them.
    const isPart = /^(aws:s3\/bucket.+|aws:apigatewayv2\/(stage|domainName).*)$/.test(type) && type !== "aws:s3/bucket:Bucket";
    return typeof name === "string" && !isPart ? [`${type} ${name}`] : [];
  });

const nameOf = ({ name, bucket }: Values): string => textOf(name ?? bucket ?? "");

const named = (graph: GraphView): Record<string, string> =>
  Object.fromEntries(graph.resources.map(({ urn, inputs }) => [urn, nameOf(inputs)]));

test("stages of one account share no name", () => {
  const [dev, staging, production] = [graphOf("dev"), graphOf("staging"), graphOf("production")].map(physicalNames);
  const all = [...dev!, ...staging!, ...production!];
  expect(dev!.length).toBeGreaterThan(60);
  expect(all.length).toBe(new Set(all).size);
});

/** With jobs of these names, and those of the project if asked for. */
async function evaluatedWith(stage: string, names: readonly string[], isOnTop: boolean): Promise<GraphView> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-jobs-"));
  if (isOnTop) cpSync(join(root, "jobs"), folder, { recursive: true });
  for (const [index, name] of names.entries())
    writeFileSync(
      join(folder, `job-${index}.ts`),
      `import { defineJob } from "switchyard";
       import { z } from "zod";
       export default defineJob({ name: "${name}", params: z.object({}), run: async () => 1 });`,
    );
  const evaluation = await evaluate({ stage, jobs: folder });
  rmSync(folder, { recursive: true });
  expect(evaluation.errors).toEqual([]);
  return new GraphView(evaluation);
}

test("another job renames and replaces nothing", async () => {
  const [before, after] = [named(graphOf("dev")), named(await evaluatedWith("dev", ["another"], true))];
  const added = Object.keys(after).filter((urn) => !(urn in before)).map((urn) => urn.split("::").at(-1)); // prettier-ignore
  expect(added.toSorted()).toEqual(["JobAnotherCode", "JobAnotherFunction", "JobAnotherLogs", "JobAnotherRole"]);
  for (const [urn, name] of Object.entries(before)) expect(after[urn], urn).toBe(name);
});

test("jobs whose names are nearly the same have Lambdas, roles and logs of their own", async () => {
  const long = "a-name-of-sixty-four-characters-as-long-as-a-name-may-ever-be-12";
  const names = ["hello", "Hello", "hel.lo", "hel-lo", "hel_lo", `${long}3`.slice(0, 64), `${long}`.slice(0, 63)];
  const all = physicalNames(await evaluatedWith("dev", names, false));
  // IAM alone takes two names that differ by case for one.
  const distinct = new Set(all.map((name) => (name.startsWith("aws:iam") ? name.toLowerCase() : name)));
  expect(distinct.size).toBe(all.length);
  expect(all.filter((name) => name.includes("function:Function") && name.includes("-job-"))).toHaveLength(names.length);
});

test("no name is longer than AWS takes, in the stage with the longest name that may be", async () => {
  const longest: Record<string, number> = {
    "aws:lambda/function:Function": 64,
    "aws:iam/role:Role": 64,
    "aws:s3/bucket:Bucket": 63,
    "aws:sfn/stateMachine:StateMachine": 80,
    "aws:sqs/queue:Queue": 80,
    "aws:scheduler/schedule:Schedule": 64,
    "aws:cloudwatch/eventRule:EventRule": 64,
  };
  const graph = await evaluatedWith("stage-of-twenty-char", ["x".repeat(64)], false);
  const tooLong = graph.resources.filter(({ type, inputs }) => type in longest && nameOf(inputs).length > longest[type]!);
  expect(tooLong.map(({ name }) => name)).toEqual([]);
});
