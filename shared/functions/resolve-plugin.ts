// What jobs import is looked up as usual. `switchyard` and `zod` are found even in a folder outside any package: then they are ours.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { OnResolveArgs, Plugin, ResolveResult } from "esbuild";
import type { SharedZod } from "./shared-zod.ts";

const ownFolder = fileURLToPath(new URL(".", import.meta.url));
const isAsking = Symbol("isAsking");

const sdk = (["ts", "js"] as const).map((end) => fileURLToPath(new URL(`../sdk/index.${end}`, import.meta.url))).find((path) => existsSync(path)); // prettier-ignore

export const resolvePlugin = (zod: SharedZod): Plugin => ({
  name: "switchyard",
  setup(build) {
    const usual = (path: string, { importer, resolveDir, kind }: OnResolveArgs, from = resolveDir): Promise<ResolveResult> =>
      build.resolve(path, { importer, resolveDir: from, kind, pluginData: isAsking });

    build.onResolve({ filter: /^(switchyard|zod)(\/|$)/ }, async (args) => {
      if (args.pluginData === isAsking) return undefined;
      let found = await usual(args.path, args);
      if (found.errors.length > 0) {
        if (args.path === "switchyard" && sdk !== undefined) return { path: sdk, sideEffects: false };
        found = await usual(args.path, args, ownFolder);
      }
      // A `require` of it is bundled: it could not load a module from beside the bundle.
      const isShared = found.errors.length === 0 && args.path.startsWith("zod") && args.kind === "import-statement";
      const shared = isShared ? await zod.importOf(found.path) : null;
      return shared === null ? found : { path: shared, external: true, sideEffects: false };
    });
    // Native code cannot be bundled: it stays where it is.
    build.onResolve({ filter: /\.node$/ }, async (args) => {
      if (args.pluginData === isAsking) return undefined;
      const found = await usual(args.path, args);
      return found.errors.length === 0 ? { path: found.path, external: true } : found;
    });
  },
});
