// Jobs in rows.
import type { Column } from "./table.ts";
import type { Paint } from "./screen.ts";
import type { Job } from "../shown.ts";
import { paintState } from "./state.ts";
import { ago, elapsed } from "./time.ts";

/** What the job does, in a word. */
export function workOf({ function: name, script, container, type }: Job): string {
  return name ?? container?.image ?? script?.path?.split("/").at(-1) ?? (script?.inline === undefined ? type : "inline script");
}

export const idColumn: Column<Job> = { title: "ID", of: ({ id }) => id };
export const nameColumn: Column<Job> = { title: "NAME", of: (job) => job.name ?? workOf(job), isFlexible: true };
export const stateColumn = (paint: Paint): Column<Job> => ({
  title: "STATE",
  of: ({ state }) => state,
  paint: (cell, { state }) => paintState(paint, state, cell),
});

export const jobColumns = (paint: Paint, now: number): Column<Job>[] => [
  idColumn,
  stateColumn(paint),
  nameColumn,
  { title: "TRY", of: ({ attempt, maxAttempts }) => `${attempt}/${maxAttempts}`, leftOut: 2 },
  { title: "AGE", of: ({ createdAt }) => ago(createdAt, now), leftOut: 1 },
  { title: "TOOK", of: (job) => elapsed(job, now), align: "right", leftOut: 3 },
];

export const reasonOf = ({ stateReason, error, progress }: Job): string => {
  if (error) return `${error.code}: ${error.message}`;
  if (stateReason) return stateReason.message;
  return progress ? `${Math.round(progress.percent)} %${progress.stage === undefined ? "" : ` ${progress.stage}`}` : "";
};
