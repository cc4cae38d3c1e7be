// `node functions/build-jobs.ts --jobs DIR --out DIR`: makes of a folder of jobs what `stacks/` deploys as Lambdas.
import { parseArgs } from "node:util";
import { buildJobs } from "../shared/adapters/aws/function-build/build-jobs.ts";

const { jobs, out } = parseArgs({ options: { jobs: { type: "string", default: "jobs" }, out: { type: "string" } } }).values;
if (out === undefined) {
  console.error("usage: node functions/build-jobs.ts [--jobs DIR] --out DIR");
  process.exit(2);
}
const built = await buildJobs(jobs, out);
if ("problems" in built) {
  for (const { file, message } of built.problems) console.error(`${file}: ${message}`);
  process.exit(1);
}
console.log(`${built.functions.length} functions in ${out}, ${built.written.length} of them written`);
