// Pools and their slots.

/** A key that nobody gave a limit lets one job run at a time. */
export const DEFAULT_POOL_LIMIT = 1;
export const POOL_LIMIT_MAX = 10_000;

/** The lowest free slot number, or null: a pool never holds more slots than its limit, also after the limit fell. */
export function freeSlot(limit: number, taken: ReadonlySet<number>): number | null {
  if (taken.size >= limit) return null;
  let number = 1;
  while (taken.has(number)) number++;
  return number;
}
