import { defineConfig } from "vitest/config";

// One project per kind of promise: `vitest run --project unit` takes seconds.
const project = (name: string, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], pool: "forks" as const, ...more },
});

export default defineConfig({
  test: {
    globalSetup: ["test/support/machine.ts"],
    projects: [
      project("unit"),
      project("contract", { testTimeout: 30_000 }),
      project("executors", { testTimeout: 30_000 }),
      project("api", { testTimeout: 30_000 }),
      project("e2e", { testTimeout: 120_000 }),
      project("chaos", { testTimeout: 240_000 }),
    ],
  },
});
