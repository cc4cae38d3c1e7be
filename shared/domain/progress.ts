import type { JsonObject } from "./json.ts";

export interface Progress {
  /** 0 to 100. */
  readonly percent: number;
  readonly stage: string | null;
  readonly details: JsonObject;
  readonly at: number;
}

export interface ProgressNews {
  readonly percent: number;
  readonly stage?: string | undefined;
  readonly details?: JsonObject | undefined;
}

/** Percent is kept within its bounds, details are merged, a stage stays until another is named. */
export function progressed(before: Progress | null, news: ProgressNews, now: number): Progress {
  return {
    percent: Math.min(100, Math.max(0, Number.isFinite(news.percent) ? news.percent : 0)),
    stage: news.stage ?? before?.stage ?? null,
    details: { ...before?.details, ...news.details },
    at: now,
  };
}
