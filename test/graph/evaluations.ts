// Once for all tests of the graph: each stage evaluated, and one with every choice made that switchyard.aws.json offers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { evaluate, type EvaluateChoices } from "../graph-harness/evaluate.ts";
import { everyChoice } from "./graph.given.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** File of each evaluation, by name. */
    evaluations: Record<string, string>;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-graphs-"));
  const config = join(folder, "switchyard.aws.json");
  writeFileSync(config, JSON.stringify(everyChoice));
  const asked: Record<string, EvaluateChoices> = {
    dev: { stage: "dev" },
    staging: { stage: "staging" },
    production: { stage: "production" },
    chosen: { stage: "chosen", config },
  };
  const files = await Promise.all(
    Object.entries(asked).map(async ([name, choices]) => {
      const file = join(folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(await evaluate(choices)));
      return [name, file] as const;
    }),
  );
  project.provide("evaluations", Object.fromEntries(files));
  return () => rmSync(folder, { recursive: true });
}
