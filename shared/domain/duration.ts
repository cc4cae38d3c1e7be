// Durations as users write them: "90s", "5m", "24h", "30d", "01:30:00", or a number of seconds.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Ten years: longer than anything that is meant, and far from where dates overflow. */
export const DURATION_MAX_MS = 3650 * DAY;

const units: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** Milliseconds, or null if it is no duration. */
export function parseDuration(text: string | number): number | null {
  const ms = typeof text === "number" ? text * SECOND : textMs(text.trim());
  return ms !== null && Number.isFinite(ms) && ms >= 0 && ms <= DURATION_MAX_MS ? Math.round(ms) : null;
}

function textMs(text: string): number | null {
  const amount = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text);
  if (amount) return Number(amount[1]) * units[amount[2] ?? "s"]!;
  const clock = /^(\d+):([0-5]?\d):([0-5]?\d(?:\.\d+)?)$/.exec(text);
  if (clock) return Number(clock[1]) * HOUR + Number(clock[2]) * MINUTE + Number(clock[3]) * SECOND;
  return null;
}

/** For people: the largest two units that matter. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)}ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(ms < 10 * SECOND ? 1 : 0)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m${pad(Math.floor((ms % MINUTE) / SECOND))}s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h${pad(Math.floor((ms % HOUR) / MINUTE))}m`;
  return `${Math.floor(ms / DAY)}d${pad(Math.floor((ms % DAY) / HOUR))}h`;
}

const pad = (value: number): string => String(value).padStart(2, "0");
