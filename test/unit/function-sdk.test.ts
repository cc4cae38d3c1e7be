import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { isJobDefinition } from "../../shared/sdk/define-job.ts";
import { verdictOf } from "../../shared/sdk/errors.ts";
import { defineJob, NonRetryableError, RetryAfterError, type ParamsOf, type ResultOf } from "../../shared/sdk/index.ts";

describe("a definition", () => {
  const job = defineJob({
    name: "resize",
    params: z.object({ width: z.number().default(100), at: z.iso.datetime().transform((text) => new Date(text)) }),
    async run({ width, at }, ctx) {
      expectTypeOf(width).toEqualTypeOf<number>();
      expectTypeOf(at).toEqualTypeOf<Date>();
      expectTypeOf(ctx.attempt).toEqualTypeOf<number>();
      return { area: width * width };
    },
  });

  test("knows the types of what is submitted and of its result", () => {
    expectTypeOf<ParamsOf<typeof job>>().toEqualTypeOf<{ width?: number | undefined; at: string }>();
    expectTypeOf<ResultOf<typeof job>>().toEqualTypeOf<{ area: number }>();
    expectTypeOf(job.name).toEqualTypeOf<"resize">();
  });

  test("holds its function to the schema of its result", () => {
    const promised = defineJob({ name: "a", params: z.object({}), result: z.object({ n: z.number() }), run: () => ({ n: 1 }) });
    expectTypeOf<ResultOf<typeof promised>>().toEqualTypeOf<{ n: number }>();
    // @ts-expect-error a text is no number
    defineJob({ name: "b", params: z.object({}), result: z.object({ n: z.number() }), run: () => ({ n: "1" }) });
  });

  test("is recognised, and cannot be changed", () => {
    expect([job, { ...job }, {}, null, "job"].map(isJobDefinition)).toEqual([true, true, false, false, false]);
    expect(Object.isFrozen(job)).toBe(true);
  });
});

describe("errors of jobs", () => {
  test("say what should follow", () => {
    expect(verdictOf(new NonRetryableError("no", { code: "declined", details: { a: 1 } }))).toEqual({
      retryable: false,
      code: "declined",
      details: { a: 1 },
    });
    expect(verdictOf(new RetryAfterError("later", "1m"))).toEqual({ retryable: true, retryAfterMs: 60_000 });
    expect(verdictOf(new RetryAfterError("later", 30))).toEqual({ retryable: true, retryAfterMs: 30_000 });
    expect(verdictOf(new Error("what"))).toBe(undefined);
    expect(new NonRetryableError("no", { cause: "x" })).toMatchObject({ name: "NonRetryableError", message: "no", cause: "x" });
  });

  test("refuse a wait that is none", () => {
    expect(() => new RetryAfterError("later", "soon")).toThrow(RangeError);
  });
});
