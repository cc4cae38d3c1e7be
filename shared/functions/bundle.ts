// Makes one file of a job and all that it imports but zod, so that a thread can load it from the cache. esbuild is loaded, and its process
// runs, only while something is bundled.
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, Message, OutputFile } from "esbuild";
import { resolvePlugin } from "./resolve-plugin.ts";
import { SharedZod } from "./shared-zod.ts";

export interface Bundle {
  readonly hash: string;
  readonly code: string;
  readonly map: Uint8Array;
  /** Absolute paths of everything that went into it. */
  readonly inputs: readonly string[];
  /** What it loads beside Node's own modules: zod from beside it, native code by its absolute path. */
  readonly loads: readonly string[];
}

export type Bundled = Bundle | { readonly problem: string };

export interface Folders {
  readonly jobsDir: string;
  readonly cacheDir: string;
}

/** What depends on where bundles will run. */
export interface BundleStyle {
  /** What stands for `import.meta.url`, as JavaScript; `source` is relative to the jobs folder. */
  urlOf(jobsDir: string, source: string): string;
  /** No comments and no indentation: for bundles that travel. */
  readonly isCompact: boolean;
}

/** They run where their sources are. */
const atHome: BundleStyle = {
  urlOf: (jobsDir, source) => JSON.stringify(pathToFileURL(join(jobsDir, source)).href),
  isCompact: false,
};

/**
 * The first line of a bundle gives the job what its own file would have had. It is one line, so the map stays right. Globals, because
 * many a file declares a `__dirname` or `require` of its own.
 */
const BANNER = "/* switchyard */";
const prelude = (url: string): string =>
  [
    'import { createRequire as __switchyardRequire } from "node:module";',
    'import { dirname as __switchyardParent } from "node:path";',
    'import { fileURLToPath as __switchyardPath } from "node:url";',
    `const ${OWN_URL} = ${url}, __switchyardFile = __switchyardPath(${OWN_URL});`,
    "const __switchyardDir = __switchyardParent(__switchyardFile);",
    `Object.assign(globalThis, { require: __switchyardRequire(${OWN_URL}), __filename: __switchyardFile, __dirname: __switchyardDir });`,
  ].join(" ");

/** What a bundle calls its own `import.meta.url`. */
export const OWN_URL = "__switchyardUrl";

/** What was made lies right in `cacheDir`, so the paths in the maps are right. */
const options = ({ jobsDir, cacheDir, style }: Tools): BuildOptions & { write: false; metafile: true } => ({
  bundle: true,
  minifyWhitespace: style.isCompact,
  format: "esm",
  platform: "node",
  target: "node24",
  charset: "utf8",
  sourcemap: "external",
  sourcesContent: false,
  write: false,
  metafile: true,
  logLevel: "silent",
  absWorkingDir: jobsDir,
  outdir: cacheDir,
  outExtension: { ".js": ".mjs" },
  banner: { js: BANNER },
  define: {
    "import.meta.url": OWN_URL,
    "import.meta.filename": "__switchyardFile",
    "import.meta.dirname": "__switchyardDir",
  },
});

/** Bundles by source. One build for all shares what they have in common; if one is faulty, each is built alone. */
export async function bundleAll(folders: Folders, sources: readonly string[], style = atHome): Promise<Map<string, Bundled>> {
  if (sources.length === 0) return new Map();
  const [jobsDir, cacheDir] = await Promise.all([realpath(folders.jobsDir), realpath(folders.cacheDir)]);
  return withEsbuild(async (build) => {
    const tools = { build, jobsDir, cacheDir, style, zod: new SharedZod(cacheDir, build) };
    const together = await bundleSome(tools, sources);
    if (together !== null) return together;
    const alone = await Promise.all(sources.map((source) => bundleSome(tools, [source])));
    return new Map(alone.flatMap((bundles) => [...(bundles ?? [])]));
  });
}

type Build = typeof import("esbuild").build;
interface Tools extends Folders {
  readonly build: Build;
  readonly style: BundleStyle;
  readonly zod: SharedZod;
}
let users = 0;

async function withEsbuild<T>(use: (build: Build) => Promise<T>): Promise<T> {
  const { build, stop } = await import("esbuild");
  users++;
  try {
    return await use(build);
  } finally {
    if (--users === 0) await stop();
  }
}

/** Null = one of several is faulty, and which of them is not said. */
async function bundleSome(tools: Tools, sources: readonly string[]): Promise<Map<string, Bundled> | null> {
  const { build, jobsDir, cacheDir, style, zod } = tools;
  try {
    const entryPoints = sources.map((source, index) => ({ in: join(jobsDir, source), out: `${index}` }));
    const { outputFiles, metafile } = await build({ ...options(tools), entryPoints, plugins: [resolvePlugin(zod)] });
    const files = new Map(outputFiles.map((file) => [file.path, file]));
    const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [resolve(jobsDir, path), output]));
    return new Map(
      sources.map((source, index) => {
        const path = join(cacheDir, `${index}.mjs`);
        const { inputs, imports } = outputs.get(path)!;
        const own = Object.keys(inputs).flatMap((input) => (input.includes(":") ? [] : resolve(jobsDir, input)));
        const shared = imports.flatMap((imported) => zod.packages.get(imported.path) ?? []);
        const loads = imports.flatMap(({ path: loaded }) => (isBuiltin(loaded) ? [] : loaded));
        const made = { code: files.get(path)!, map: files.get(`${path}.map`)!, inputs: [...own, ...shared], loads };
        return [source, bundleOf(style.urlOf(jobsDir, source), made)];
      }),
    );
  } catch (error) {
    if (sources.length > 1) return null;
    const { errors } = error as { errors?: Message[] };
    return new Map([[sources[0]!, { problem: errors?.length ? errors.slice(0, 5).map(sentence).join("; ") : (error as Error).message }]]);
  }
}

interface Made extends Pick<Bundle, "inputs" | "loads"> {
  readonly code: OutputFile;
  readonly map: OutputFile;
}

function bundleOf(url: string, { code, map, inputs, loads }: Made): Bundle {
  const text = code.text.replace(BANNER, () => prelude(url));
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return { hash, code: `${text}//# sourceMappingURL=${hash}.mjs.map\n`, map: map.contents, inputs, loads };
}

const sentence = ({ text, location }: Message): string =>
  location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`;
