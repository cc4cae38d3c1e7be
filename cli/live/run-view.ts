// A run as it goes: a line for the whole and one for each step.
import { isGroupEnd } from "../../shared/domain/group.ts";
import type { Screen } from "../output/screen.ts";
import { bar, mark, paintState } from "../output/state.ts";
import { clean, cut, pad, widthOf } from "../output/text.ts";
import { elapsed } from "../output/time.ts";
import type { Job, Run } from "../shown.ts";
import { spinner } from "./block.ts";

export interface StepSeen {
  readonly name: string;
  readonly state: string;
  readonly total: number;
  readonly done: number;
  readonly percent: number;
  readonly stage: string | undefined;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

const BAR_MAX = 24;
const NAME_MAX = 32;

/** `jobOf`: a job of the run, as far as it was read. */
export function stepsSeen({ steps = [] }: Run, jobOf: (id: string) => Job | undefined): StepSeen[] {
  return steps.map(({ name, state, jobs: ids }) => {
    const jobs = ids.map(jobOf).filter((job) => job !== undefined);
    const done = jobs.filter((job) => job.state === "completed").length;
    const percents = jobs.map((job) => (job.state === "completed" ? 100 : (job.progress?.percent ?? 0)));
    const starts = jobs.flatMap(({ startedAt }) => startedAt ?? []).toSorted();
    const ends = jobs.flatMap(({ finishedAt }) => finishedAt ?? []).toSorted();
    return {
      name,
      state,
      total: ids.length,
      done,
      percent: percents.reduce((sum, percent) => sum + percent, 0) / Math.max(1, ids.length),
      stage: jobs.find((job) => job.state === "running" && job.progress?.stage !== undefined)?.progress?.stage,
      ...(starts[0] !== undefined && { startedAt: starts[0] }),
      ...(ends.length === ids.length && ends.at(-1) !== undefined && { finishedAt: ends.at(-1)! }),
    };
  });
}

export function runView(run: Run, steps: readonly StepSeen[], now: number, { paint, width }: Pick<Screen, "paint" | "width">): string[] {
  const isOver = isGroupEnd(run.state);
  const jobs = Object.values(run.counts).reduce((sum, count) => sum + count, 0);
  const took = elapsed({ startedAt: run.createdAt, ...(run.finishedAt !== undefined && { finishedAt: run.finishedAt }) }, now);
  const head = cut(`${clean(run.workflow)}  ${run.id}  ${run.state}  ${run.counts.completed ?? 0}/${jobs} jobs  ${took}`, width - 3);
  const nameWidth = Math.min(NAME_MAX, steps.reduce((most, { name }) => Math.max(most, widthOf(name)), 0)); // prettier-ignore
  return [
    `${paintState(paint, run.state, isOver ? mark(run.state) : spinner(now))} ${head.replace(run.state, paintState(paint, run.state))}`,
    ...steps.map((step) => {
      const line = cut(stepText(step, nameWidth, now), width - 5);
      return `  ${paintState(paint, step.state, mark(step.state))} ${line.replace(step.state, paintState(paint, step.state))}`;
    }),
  ];
}

/** The state comes first: it is coloured where it first stands, and a name may hold one too. */
function stepText(step: StepSeen, nameWidth: number, now: number): string {
  const isBusy = step.state === "running" && (step.percent > 0 || step.total > 1);
  const parts = [
    pad(step.state, "completed".length),
    pad(cut(clean(step.name), nameWidth), nameWidth),
    step.total > 1 ? `${step.done}/${step.total}` : "",
    isBusy ? `${bar(step.percent, BAR_MAX)} ${Math.round(step.percent)} %` : "",
    elapsed(step, now),
    isBusy ? clean(step.stage ?? "") : "",
  ];
  return parts.filter(Boolean).join("  ");
}
