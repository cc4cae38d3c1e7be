// Functions that a program has in hand as definitions.
import { SwitchyardError } from "../../../domain/errors.ts";
import { descriptionOf } from "../../../functions/description.ts";
import { infoOf } from "../../../functions/read-description.ts";
import type { FunctionInfo, Functions } from "../../../ports/functions.ts";
import type { JobDefinition } from "../../../sdk/define-job.ts";

export interface InlineFunctions extends Functions {
  definition(name: string): JobDefinition | undefined;
}

/** Throws `request.invalid` if a definition is faulty or a name taken. */
export function inlineFunctions(jobs: readonly JobDefinition[]): InlineFunctions {
  const known = new Map<string, { readonly job: JobDefinition; readonly info: FunctionInfo }>();
  for (const job of jobs) {
    const read = infoOf(descriptionOf(job));
    if ("problem" in read) throw new SwitchyardError("request.invalid", `The job ${JSON.stringify(job.name)}: ${read.problem}`);
    if (known.has(job.name)) throw new SwitchyardError("request.invalid", `Two jobs are called ${job.name}.`);
    known.set(job.name, { job, info: read.info });
  }
  return {
    get: (name) => known.get(name)?.info,
    functions: () => [...known.values()].map(({ info }) => info),
    definition: (name) => known.get(name)?.job,
  };
}
