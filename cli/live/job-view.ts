// One job as it goes.
import { formatDuration } from "../../shared/domain/duration.ts";
import { isEnd } from "../../shared/domain/job.ts";
import { reasonOf, workOf } from "../output/job-table.ts";
import type { Screen } from "../output/screen.ts";
import { bar, mark, paintState } from "../output/state.ts";
import { elapsed } from "../output/time.ts";
import { clean, cut } from "../output/text.ts";
import type { Job } from "../shown.ts";
import { spinner } from "./block.ts";

const BAR_MAX = 30;

export function jobView(job: Job, now: number, { paint, width }: Pick<Screen, "paint" | "width">): string[] {
  const isOver = isEnd(job.state);
  const name = clean(job.name ?? workOf(job));
  const facts = [
    job.id,
    job.state,
    job.maxAttempts > 1 && job.attempt > 0 ? `attempt ${job.attempt}/${job.maxAttempts}` : "",
    elapsed(job, now) || `waiting ${formatDuration(Math.max(0, now - Date.parse(job.createdAt)))}`,
  ];
  const head = cut(`${name}  ${facts.filter(Boolean).join("  ")}`, width - 3);
  const lines = [
    `${paintState(paint, job.state, isOver ? mark(job.state) : spinner(now))} ${head.replace(job.state, paintState(paint, job.state))}`,
  ];
  if (job.progress && !isOver) lines.push(`  ${progressText(job.progress, width - 3)}`);
  else if (job.state !== "completed" && reasonOf(job) !== "") lines.push(`  ${paint.dim(cut(clean(reasonOf(job)), width - 3))}`);
  return lines;
}

function progressText({ percent, stage = "" }: NonNullable<Job["progress"]>, width: number): string {
  const barWidth = Math.max(5, Math.min(BAR_MAX, Math.floor(width / 2)));
  return cut(`${bar(percent, barWidth)} ${Math.round(percent)} %  ${clean(stage)}`.trimEnd(), width);
}
