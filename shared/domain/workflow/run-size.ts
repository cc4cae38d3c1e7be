// How large a run may be.
import type { Fault } from "../errors.ts";
import { workflowLimits } from "./definition.ts";

const number = (value: number): string => value.toLocaleString("en-US");

/** `sizes`: how many jobs each step becomes. */
export function runSizeFaults(sizes: ReadonlyMap<string, number>, countEdges: () => number): Fault[] {
  const { jobsPerRun, edgesPerRun } = workflowLimits;
  const jobs = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (jobs > jobsPerRun) {
    const [largest, size] = [...sizes].reduce((a, b) => (b[1] > a[1] ? b : a));
    return [
      {
        path: "steps",
        message: `make ${number(jobs)} jobs (${largest} alone ${number(size)}), but a run has at most ${number(jobsPerRun)}`,
      },
    ];
  }
  const edges = countEdges();
  if (edges <= edgesPerRun) return [];
  const message = `make ${number(edges)} dependencies between jobs, but a run has at most ${number(edgesPerRun)}: use one2one, or put a step of one job between`;
  return [{ path: "steps", message }];
}
