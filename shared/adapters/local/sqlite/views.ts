// Rows as the port shows them, and pages of them.
import { SwitchyardError } from "../../../domain/errors.ts";
import type { Progress } from "../../../domain/progress.ts";
import type { JobView, Page } from "../../../ports/store.ts";
import { jobOf, selectedJob, type Row } from "./rows.ts";

export const viewColumns = `${selectedJob("j")}, j.n, b.spec, b.params, g.progress, r.result`;
export const viewJoins = "JOIN bodies b ON b.n = j.n LEFT JOIN progress g ON g.n = j.n LEFT JOIN results r ON r.n = j.n";

/** @throws SwitchyardError `request.invalid` for a cursor that is none of ours */
export function numberIn(cursor: string | undefined): number | undefined {
  if (cursor === undefined || /^\d{1,15}$/.test(cursor)) return cursor === undefined ? undefined : Number(cursor);
  throw new SwitchyardError("request.invalid", "cursor is not one that this list gave.", {
    faults: [{ path: "cursor", message: "is not a cursor of this list" }],
  });
}

export function pageOf<T>(rows: Row[], limit: number, cursor: (row: Row) => string, item: (row: Row) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const items = shown.map(item);
  return rows.length > limit ? { items, next: cursor(shown.at(-1)!) } : { items };
}

export function viewOf(row: Row): JobView {
  const progress = row.progress as string | null;
  return {
    job: jobOf(row),
    spec: row.spec as string,
    params: row.params as string,
    progress: progress === null ? null : (JSON.parse(progress) as Progress),
    result: row.result as string | null,
  };
}
