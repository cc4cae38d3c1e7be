// All about one job.
import type { Job } from "../shown.ts";
import { workOf } from "./job-table.ts";
import type { Screen } from "./screen.ts";
import { bar, paintState } from "./state.ts";
import { fields } from "./table.ts";
import { clean, cut } from "./text.ts";
import { ago, elapsed } from "./time.ts";

const VALUE_MAX = 400;
const BAR = 20;

export function jobDetail(job: Job, now: number, screen: Pick<Screen, "paint" | "width">): string[] {
  const { paint, width } = screen;
  const short = (value: unknown): string | undefined =>
    value === undefined ? undefined : cut(clean(JSON.stringify(value)), Math.min(VALUE_MAX, width - 16));
  const when = (iso: string | undefined): string | undefined => iso && `${iso}  ${paint.dim(ago(iso, now))}`;
  return fields(
    [
      ["id", paint.bold(job.id)],
      ["name", job.name && clean(job.name)],
      ["state", paintState(paint, job.state)],
      ["reason", job.stateReason && clean(job.stateReason.message)],
      ["error", job.error && paint.red(clean(`${job.error.code}: ${job.error.message}`))],
      [
        "progress",
        job.progress &&
          `${bar(job.progress.percent, BAR)} ${Math.round(job.progress.percent)} %  ${clean(job.progress.stage ?? "")}`.trimEnd(),
      ],
      ["work", `${job.type} ${clean(workOf(job))}`],
      ["executor", job.executor],
      ["attempt", `${job.attempt} of ${job.maxAttempts}${job.losses > 0 ? `, ${job.losses} lost` : ""}`],
      ["priority", job.priority],
      ["tags", clean(job.tags.join(", "))],
      ["batch", job.batchId],
      ["run", job.runId && `${job.runId}${job.step === undefined ? "" : `, step ${clean(job.step)}`}`],
      ["created", when(job.createdAt)],
      ["next try", when(job.nextAttemptAt)],
      ["started", when(job.startedAt)],
      ["finished", when(job.finishedAt)],
      ["took", elapsed(job, now)],
      ["params", short(job.params)],
      ["result", job.resultUrl === undefined ? short(job.result) : `large: switchyard job result ${job.id}`],
    ],
    screen,
  );
}
