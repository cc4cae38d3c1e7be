// Pieces of requests that many routes share.
import * as z from "zod";
import { Duration, Instant } from "../domain/spec-schema.ts";
import { parseDuration, MINUTE } from "../domain/duration.ts";
import { SwitchyardError } from "../domain/errors.ts";
import type { Page } from "../ports/store.ts";

export const ById = z.object({ id: z.string().min(1).max(64) });
export const ByName = z.object({ name: z.string().min(1).max(64) });

export const LIST_LIMIT = { most: 200, usual: 50 } as const;
export const LOG_LIMIT = { most: 1000, usual: 1000 } as const;

const limit = (most: number, usual: number) =>
  z.coerce
    .number({ error: `must be 1 to ${most}` })
    .int()
    .min(1)
    .max(most)
    .default(usual);
const Cursor = z.string().max(8192).optional();

export const paging = { limit: limit(LIST_LIMIT.most, LIST_LIMIT.usual), cursor: Cursor, order: z.enum(["asc", "desc"]).optional() };
export const logLimit = limit(LOG_LIMIT.most, LOG_LIMIT.usual);

/** Query parameters that may be repeated, or hold a comma list. */
export const several = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === undefined ? undefined : [value].flat()), z.array(item).max(50).optional());

export const Moment = Instant;
export const Flag = z.stringbool().optional();

/** How long a request may be held: the answer then is the unfinished job. */
export const WAIT_MAX_MS = 10 * MINUTE;
export const Wait = z
  .preprocess((value) => (typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value), Duration)
  .optional();
export const waitMs = (wait: string | number | undefined): number =>
  Math.min(WAIT_MAX_MS, wait === undefined ? 0 : (parseDuration(wait) ?? 0));

export const cursorOf = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, "base64url").toString();
  // oxlint-disable-next-line no-control-regex -- that is the point
  if (!/^[^\u0000-\u001f\ufffd]+$/.test(text))
    throw new SwitchyardError("request.invalid", "cursor is not one that this server gave.", {
      faults: [{ path: "cursor", message: "is not a cursor" }],
    });
  return text;
};

export function listOf<T, S>({ items, next }: Page<T>, show: (item: T) => S): { items: S[]; nextCursor?: string } {
  return { items: items.map(show), ...(next !== undefined && { nextCursor: Buffer.from(next).toString("base64url") }) };
}

export const ListOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().optional() });
