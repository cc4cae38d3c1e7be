import fc from "fast-check";
import { expect, test } from "vitest";
import { freeSlot } from "../../shared/domain/pool.ts";

test("a pool never has more slots held than its limit, also while the limit changes", () => {
  const steps = fc.array(fc.oneof(fc.constant("take"), fc.constant("free"), fc.integer({ min: 1, max: 8 })), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (given) => {
      const taken = new Set<number>();
      let limit = 3;
      for (const step of given) {
        if (typeof step === "number") limit = step;
        else if (step === "free") taken.delete(Math.max(...taken));
        else {
          const before = taken.size;
          const slot = freeSlot(limit, taken);
          expect(slot === null).toBe(before >= limit);
          if (slot === null) continue;
          expect(taken.has(slot)).toBe(false);
          taken.add(slot);
          expect(taken.size).toBeLessThanOrEqual(limit);
        }
      }
    }),
  );
});
