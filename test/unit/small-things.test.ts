import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../events/catalogue.ts";
import { formatDuration, parseDuration } from "../../shared/domain/duration.ts";
import { nearest } from "../../shared/domain/errors.ts";
import { canonical } from "../../shared/domain/json.ts";
import { progressed } from "../../shared/domain/progress.ts";

describe("a duration", () => {
  test("is read in every form that the API names", () => {
    expect(["90s", "5m", "24h", "30d", "01:30:00", 1.5, "250ms", "7"].map(parseDuration)).toEqual([
      90_000, 300_000, 86_400_000, 2_592_000_000, 5_400_000, 1500, 250, 7000,
    ]); // prettier-ignore
  });

  test("is refused in any other", () => {
    expect(["", "soon", "-5s", "5 weeks", "1:99:00", NaN, -1, "99999d", Infinity].map((text) => parseDuration(text))).toEqual(
      Array(9).fill(null),
    );
  });

  test("is told to people in its two largest units", () => {
    expect([250, 1500, 61_000, 3_660_000, 90_000_000].map(formatDuration)).toEqual(["250ms", "1.5s", "1m01s", "1h01m", "1d01h"]);
  });
});

test("did you mean finds a name that is nearly right, and nothing far off", () => {
  expect(nearest("resze", ["resize", "report"])).toBe("resize");
  expect(nearest("xyz", ["resize", "report"])).toBeUndefined();
});

test("equal bodies have the same canonical text, whatever the order of their keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
      const turned = Object.fromEntries(Object.entries(body).toReversed());
      expect(canonical(turned)).toBe(canonical(body));
    }),
  );
});

test("progress is kept between 0 and 100, and details are merged", () => {
  const first = progressed(null, { percent: 140, stage: "a", details: { x: 1 } }, 1);
  expect(first.percent).toBe(100);
  expect(progressed(first, { percent: -3, details: { y: 2 } }, 2)).toEqual({ percent: 0, stage: "a", details: { x: 1, y: 2 }, at: 2 });
});

test("every event's example has the shape that the catalogue promises, and each type stands once", () => {
  for (const { data, example } of catalogue) expect(() => data.parse(example)).not.toThrow();
  expect(new Set(catalogue.map(({ type }) => type)).size).toBe(catalogue.length);
});
