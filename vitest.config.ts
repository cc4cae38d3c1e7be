import { defineConfig } from "vitest/config";

// One project per kind of promise: `vitest run --project unit` takes seconds.
const project = (name: string, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], pool: "forks" as const, ...more },
});

/** Somebody's own server is tested only by whoever names it. */
const unasked = process.env.SWITCHYARD_URL ? [] : ["test/conformance/remote.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/support/machine.ts"],
    // Most files wait for servers and emulators: two at once keep two processors busy.
    maxWorkers: 2,
    projects: [
      project("unit"),
      project("contract", { testTimeout: 30_000 }),
      project("executors", { testTimeout: 30_000 }),
      project("api", { testTimeout: 30_000 }),
      // Its cases wait more than they work; how many do so at once is as much as two processors and an emulator bear.
      project("conformance", { testTimeout: 400_000, hookTimeout: 120_000, maxConcurrency: 12, exclude: unasked }),
      project("graph", { testTimeout: 60_000, globalSetup: ["test/graph/evaluations.ts"] }),
      project("aws", { testTimeout: 90_000, hookTimeout: 120_000, maxConcurrency: 6 }),
      project("emulator", { testTimeout: 60_000, hookTimeout: 60_000 }),
      project("e2e", { testTimeout: 120_000 }),
      project("chaos", { testTimeout: 240_000 }),
    ],
  },
});
