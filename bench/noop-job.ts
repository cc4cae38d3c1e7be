import type { JobInput } from "../shared/domain/spec-schema.ts";

/** 200 bytes of params. */
export const noopJob = (n: number): JobInput => ({
  function: "noop",
  params: { n, url: `s3://bucket/key/${n}`, opts: { a: 1, b: [1, 2, 3] }, note: "x".repeat(80), t: performance.now() },
});
