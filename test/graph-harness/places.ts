// Where SST's platform code lies, and how to load what it brings.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export const root = join(import.meta.dirname, "../..");
export const platform = join(root, ".sst/platform");
export const configFile = join(root, "sst.config.ts");
export const providersFile = join(root, ".sst/provider-lock.json");

/** @throws Error if SST's platform code is not installed */
export function requireFromPlatform(): NodeJS.Require {
  if (!existsSync(join(platform, "node_modules"))) throw new Error("SST's platform code is not installed: node scripts/setup.mjs --test");
  return createRequire(join(platform, "package.json"));
}
