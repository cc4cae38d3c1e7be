import { describe } from "vitest";
import { SqliteStore } from "../../shared/adapters/local/sqlite/sqlite-store.ts";
import { started } from "../../shared/domain/attempt.ts";
import { remotePromises } from "./remote/promises.ts";

describe("attempts elsewhere, on sqlite", () =>
  remotePromises(async () => {
    const store = await SqliteStore.open(":memory:");
    return {
      store,
      claim: async (before, at, leaseUntil) =>
        (await store.commit({ jobs: [{ ...started(before, "lambda", at, leaseUntil), before }] })).ok,
      close: () => store.close(),
    };
  }));
