// A `switchyard serve` of its own, as a process on a free port, in a folder that goes with it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tokenOf } from "../../shared/adapters/local/data-folder.ts";
import type { Reached } from "../conformance/api.ts";
import { jobsDir } from "./api.ts";
import { startServer } from "./server.ts";

export interface OpenPlatform extends Reached {
  close(): Promise<void>;
}

/** Many of the suite's functions only wait: two at a time, as on two processors, would make the others wait for them. */
const CONFIG = { executors: { node: { size: 4 } } };
const SECRET = { name: "CONFORMANCE_SECRET", value: "hush-hush-of-the-conformance-suite" };

export async function openLocalPlatform(): Promise<OpenPlatform> {
  const dir = mkdtempSync(join(tmpdir(), "switchyard-conformance-"));
  process.env[SECRET.name] = SECRET.value;
  writeFileSync(join(dir, "switchyard.config.json"), JSON.stringify(CONFIG));
  const server = await startServer(dir, ["--secret-env", SECRET.name], jobsDir, "serve", dir);
  return {
    url: server.url,
    token: process.env.SWITCHYARD_TOKEN ?? tokenOf(dir),
    waitSeconds: 20,
    secret: { reference: `env:${SECRET.name}`, value: SECRET.value },
    close: async () => {
      await server.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
