// The functions that were deployed with us, as the build step described them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FunctionInfo } from "../shared/ports/functions.ts";

export const deployedFunctions = (): FunctionInfo[] =>
  JSON.parse(readFileSync(join(process.env.LAMBDA_TASK_ROOT ?? ".", "functions.json"), "utf8")) as FunctionInfo[];
