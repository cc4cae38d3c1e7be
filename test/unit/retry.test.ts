import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoffMs, isWorthRetrying, noRetry, retryDelayMs, type RetryPolicy } from "../../shared/domain/retry.ts";

const policies: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.constant(10),
  policy: fc.constantFrom("fixed", "linear", "exponential"),
  delayMs: fc.nat(10_000),
  factor: fc.double({ min: 1, max: 100, noNaN: true }),
  maxDelayMs: fc.nat(1_000_000),
  jitter: fc.constantFrom("none", "full"),
  retryOn: fc.constant(null),
  maxLosses: fc.constant(3),
});

describe("the wait before another attempt", () => {
  test("never falls as failures grow, and never exceeds its cap", () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 2000 }), (policy, failures) => {
        const wait = backoffMs(policy, failures);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(policy.maxDelayMs);
        expect(backoffMs(policy, failures + 1)).toBeGreaterThanOrEqual(wait);
      }),
    );
  });

  test("is somewhere up to the longest wait with full jitter, and exactly that without", () => {
    fc.assert(
      fc.property(
        policies,
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (policy, failures, chance) => {
          const longest = Math.round(backoffMs(policy, failures));
          const wait = retryDelayMs(policy, failures, chance);
          if (policy.jitter === "none") expect(wait).toBe(longest);
          expect(wait).toBeLessThanOrEqual(longest);
        },
      ),
    );
  });

  test("of nothing stays nothing, after however many failures", () => {
    expect(backoffMs({ ...noRetry, delayMs: 0, factor: 100 }, 2000)).toBe(0);
  });

  test("doubles from one second to five minutes by default", () => {
    expect([1, 2, 3, 20].map((failures) => backoffMs(noRetry, failures))).toEqual([1000, 2000, 4000, 300_000]);
  });
});

test("retryOn names codes, or families with a star", () => {
  const policy = { ...noRetry, retryOn: ["attempt.timed_out", "user.*"] };
  expect(["attempt.timed_out", "user.busy", "function.threw"].map((code) => isWorthRetrying(policy, code))).toEqual([true, true, false]);
});
