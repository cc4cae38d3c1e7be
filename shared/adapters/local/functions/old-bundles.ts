import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Another server may use the folder, and a thread may still load what was replaced a moment ago. */
const KEPT = 50;

/** Where Node keeps compiled code: without it a thread takes three times as long to start. */
export const COMPILED = "compiled";

/** Removes bundles that nobody needs, the oldest first. */
export async function removeOldBundles(cacheDir: string, needed: ReadonlySet<string>): Promise<void> {
  const names = await readdir(cacheDir).catch(() => []);
  const old = names.filter((name) => /^[0-9a-f]{16}\.mjs$/.test(name) && !needed.has(name.slice(0, -".mjs".length)));
  if (old.length <= KEPT) return;
  const times = await Promise.all(old.map((name) => stat(join(cacheDir, name)).then(({ mtimeMs }) => mtimeMs, () => 0))); // prettier-ignore
  const byAge = old.map((name, index) => ({ name, at: times[index]! })).toSorted((a, b) => b.at - a.at);
  for (const { name } of byAge.slice(KEPT)) {
    for (const path of [name, `${name}.map`]) await rm(join(cacheDir, path), { force: true });
  }
  // Node never removes anything from it, and makes again what is needed.
  await rm(join(cacheDir, COMPILED), { recursive: true, force: true });
}
