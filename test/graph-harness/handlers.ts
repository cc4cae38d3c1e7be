// Code of our Lambdas: really bundled for where they run, only looked at where they do not.
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { root } from "./places.ts";

/** As the sst command answers it. */
interface Built {
  readonly handler: string;
  readonly out: string;
  readonly errors: readonly string[];
}

/** Of a handler as `functions/api.handler`. */
export type Handlers = (handler: string) => Promise<Built>;

/** There is no code, only a file to pack. */
export function lookedAt(work: string): Handlers {
  const out = join(work, "handler");
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "bundle.mjs"), "export {};\n");
  return async (handler) => ({ handler: "bundle.handler", out, errors: faultsOf(handler) });
}

/** All at once, and begun before the first is asked for. `cache` keeps them for sources that did not change. */
export function bundled(cache: string): Handlers {
  const building = bundleAll(cache);
  // Whoever asks is told.
  building.catch(() => undefined);
  return async (handler) => {
    const errors = faultsOf(handler);
    if (errors.length > 0) return { handler: "", out: "", errors };
    const outdir = await building;
    return { handler: "bundle.handler", out: join(outdir, basename(fileOf(handler), ".ts")), errors };
  };
}

const fileOf = (handler: string): string => join(root, handler.replace(/\.handler$/, ".ts"));
const isHandler = (file: string): boolean => /^export (const|async function|function) handler\b/m.test(readFileSync(file, "utf8"));

function faultsOf(handler: string): string[] {
  const file = fileOf(handler);
  if (!handler.endsWith(".handler") || !existsSync(file)) return [`Handler not found: ${handler}`];
  return isHandler(file) ? [] : [`${handler}: no export "handler"`];
}

/** Of bundles that are no longer current: another deployment may be reading them. */
const KEPT_MS = 600_000;

async function bundleAll(cache: string): Promise<string> {
  const outdir = join(cache, digestOfSources());
  if (existsSync(outdir)) return outdir;
  mkdirSync(cache, { recursive: true });
  for (const older of readdirSync(cache))
    if (Date.now() - statSync(join(cache, older)).mtimeMs > KEPT_MS) rmSync(join(cache, older), { recursive: true });
  const unfinished = mkdtempSync(join(cache, "unfinished-"));
  await bundleInto(unfinished);
  // Somebody else may have been faster.
  if (existsSync(outdir)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, outdir);
  return outdir;
}

/** As the sst command does it (its pkg/runtime/node/build.go), but with names that are readable in traces. */
const bundleInto = (outdir: string): Promise<unknown> =>
  build({
    entryPoints: Object.fromEntries(
      globSync(join(root, "functions/*.ts")).filter(isHandler).map((file) => [`${basename(file, ".ts")}/bundle`, file]), // prettier-ignore
    ),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    banner: {
      js: 'import { createRequire as topLevelCreateRequire } from "module"; const require = topLevelCreateRequire(import.meta.url);',
    },
    logLevel: "silent",
  });

function digestOfSources(): string {
  const digest = createHash("sha256");
  for (const file of globSync(["{functions,shared,events}/**/*.ts", "package*.json", "test/graph-harness/handlers.ts"], {
    cwd: root,
  }).toSorted())
    digest.update(file).update(readFileSync(join(root, file)));
  return digest.digest("hex").slice(0, 16);
}
