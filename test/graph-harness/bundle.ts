// The bundles that the sst command would make of sst.config.ts (its pkg/js/js.go). It is compared anew when sst is upgraded.
import { readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build as esbuild, type Plugin } from "esbuild";
import { platform, providersFile, root } from "./places.ts";

interface Bundle {
  readonly code: string;
  readonly define: Readonly<Record<string, string>>;
  readonly banner?: string;
  /** Put before every file of ours: the globals that SST promises. */
  readonly globals?: string;
  readonly inject?: readonly string[];
}

const requireInModules = `
import { createRequire as topLevelCreateRequire } from "module";
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url";
const __filename = topLevelFileUrlToPath(import.meta.url);
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url));
`;

/** A file that can be imported, until this process ends. */
export async function bundleConfig({ code, define, banner = "", globals = "", inject = [] }: Bundle, name: string): Promise<string> {
  // There, because what is not bundled is found from there.
  const outfile = join(platform, `switchyard.${name}.${process.pid}.mjs`);
  process.on("exit", () => rmSync(outfile, { force: true }));
  await esbuild({
    stdin: { contents: code, resolveDir: root, sourcefile: "eval.ts", loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    nodePaths: [join(platform, "node_modules")],
    external: ["@pulumi/*", "@pulumiverse/*", "@sst-provider/*", "@aws-sdk/*", "undici", "esbuild", "archiver", "glob", "vite"],
    banner: { js: requireInModules + banner },
    define,
    inject: [...inject],
    plugins: [globals === "" ? refuseImports : withGlobals(globals)],
    sourcemap: "inline",
    logLevel: "silent",
  });
  return outfile;
}

/** As `import * as aws from "@pulumi/aws"`, for each provider that sst.config.ts names, and SST itself. */
export function sstGlobals(): string {
  const providers = JSON.parse(readFileSync(providersFile, "utf8")) as { alias: string; package: string }[];
  const imports = providers.map((provider) => `import * as ${provider.alias} from "${provider.package}";`);
  return [...imports, `import * as sst from "${join(platform, "src/components")}";`].join("\n");
}

const withGlobals = (globals: string): Plugin => ({
  name: "globals",
  setup(build) {
    build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, ({ path }) =>
      /\/(\.sst|node_modules)\//.test(path) ? undefined : { contents: `${globals}\n${readFileSync(path, "utf8")}`, loader: "default" },
    );
  },
});

const refuseImports: Plugin = {
  name: "no imports",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ importer, kind }) =>
      basename(importer) === "sst.config.ts" && kind === "import-statement"
        ? { errors: [{ text: "sst.config.ts may have no imports at its top: SST refuses them" }] }
        : undefined,
    );
  },
};
