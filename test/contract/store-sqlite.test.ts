import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { SqliteStore } from "../../shared/adapters/local/sqlite/sqlite-store.ts";
import { storeContract } from "./store/contract.ts";

// Every store starts a thread: the second one finds its modules compiled.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "switchyard-compiled");

describe("sqlite in a file", () =>
  storeContract(
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "switchyard-store-"));
      const store = await SqliteStore.open(join(folder, "switchyard.db"));
      const close = async () => {
        await store.close();
        await rm(folder, { recursive: true });
      };
      return { store, close };
    },
    { graphs: 60, keepsFeed: false },
  ));

describe("sqlite in memory", () =>
  storeContract(
    async () => {
      const store = await SqliteStore.open(":memory:");
      return { store, close: () => store.close() };
    },
    { graphs: 60, keepsFeed: false },
  ));
