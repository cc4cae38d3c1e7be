// Times and durations for people.
import { DAY, formatDuration, HOUR, MINUTE, SECOND } from "../../shared/domain/duration.ts";

/** As `3m ago` or `in 2h`. */
export function ago(iso: string | undefined, now: number): string {
  if (iso === undefined) return "";
  const ms = now - Date.parse(iso);
  return ms >= 0 ? `${roughly(ms)} ago` : `in ${roughly(-ms)}`;
}

function roughly(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  return ms < DAY ? `${Math.floor(ms / HOUR)}h` : `${Math.floor(ms / DAY)}d`;
}

/** How long it runs or ran; nothing before it started. */
export function elapsed({ startedAt, finishedAt }: { readonly startedAt?: string; readonly finishedAt?: string }, now: number): string {
  if (startedAt === undefined) return "";
  return formatDuration(Math.max(0, (finishedAt === undefined ? now : Date.parse(finishedAt)) - Date.parse(startedAt)));
}

/** Time of day where the reader is, with milliseconds. */
export function timeOfDay(iso: string): string {
  const at = new Date(iso);
  const part = (value: number, digits = 2): string => String(value).padStart(digits, "0");
  return `${part(at.getHours())}:${part(at.getMinutes())}:${part(at.getSeconds())}.${part(at.getMilliseconds(), 3)}`;
}
