// The files of a function's folder that are its own: its bundle, zod, and what its source refers to beside it.
import { cp, mkdir, realpath, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { OWN_URL, type Bundle, type BundleStyle } from "../../../functions/bundle.ts";

/** In a function's folder: where its source would lie. */
const SOURCES = "jobs";

/** They run in their own folder, and find what was beside their source at the same place below `jobs`. */
export const inFolder: BundleStyle = {
  urlOf: (_jobsDir, source) => {
    const place = [SOURCES, ...source.split("/")].map(encodeURIComponent).join("/");
    return `new URL(${JSON.stringify(place)}, import.meta.url).href`;
  },
  isCompact: true,
};

export interface JobFolder {
  readonly jobsDir: string;
  /** Where bundles of zod lie, and the bundle's map is right. */
  readonly cacheDir: string;
  /** Relative to the jobs folder. */
  readonly source: string;
  readonly bundle: Bundle;
}

/** Null, or why it could not run on Lambda. */
export function refusal({ loads }: Bundle): string | null {
  const native = loads.find((path) => path.endsWith(".node"));
  return native === undefined ? null : `It needs native code (${basename(native)}), which is not bundled: make it a container job.`;
}

/** Writes them to `folder`, which is made. Answers the bundle's path. */
export async function writeJobFiles(folder: string, { jobsDir, cacheDir, source, bundle }: JobFolder): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "job.mjs");
  await writeFile(path, bundle.code.replace(`${bundle.hash}.mjs.map`, "job.mjs.map"));
  await writeFile(`${path}.map`, portableMap(bundle.map, jobsDir, cacheDir));
  for (const zod of bundle.loads.filter((loaded) => loaded.startsWith("./"))) await cp(join(cacheDir, zod), join(folder, zod));
  for (const file of await besides(bundle.code, jobsDir, source)) {
    await cp(join(jobsDir, file), join(folder, SOURCES, file), { recursive: true, dereference: true });
  }
  return path;
}

/** The map of a bundle with no path of the machine that made it. */
function portableMap(map: Uint8Array, jobsDir: string, cacheDir: string): string {
  const { sources, ...rest } = JSON.parse(Buffer.from(map).toString()) as { sources: string[] };
  return JSON.stringify({ ...rest, sources: sources.map((source) => portablePath(resolve(cacheDir, source), jobsDir)) });
}

const ownRoot = fileURLToPath(new URL("../../../", import.meta.url));

function portablePath(path: string, jobsDir: string): string {
  const [, inPackages] = /^.*[\\/]node_modules[\\/](.*)$/.exec(path) ?? [];
  const place =
    inPackages !== undefined ? join("node_modules", inPackages)
    : path.startsWith(ownRoot) ? join("switchyard", relative(ownRoot, path))
    : join(SOURCES, relative(jobsDir, path)); // prettier-ignore
  return place.split(sep).join("/");
}

const besidePattern = new RegExp(String.raw`new URL\(\s*("(?:[^"\\]|\\.)+")\s*,\s*${OWN_URL}\s*\)`, "g");

/** What the job names as `new URL("…", import.meta.url)` and is in the jobs folder, relative to that; not the folder that it lies in. */
async function besides(code: string, jobsDir: string, source: string): Promise<string[]> {
  const found = new Set<string>();
  for (const [, name] of code.matchAll(besidePattern)) {
    const url = new URL(JSON.parse(name!) as string, pathToFileURL(join(jobsDir, source)));
    if (url.protocol !== "file:" || !existsSync(url)) continue;
    const file = relative(jobsDir, fileURLToPath(url));
    const isInJobs = [file, relative(jobsDir, await realpath(url))].every((path) => path !== "" && !path.startsWith(".."));
    if (isInJobs && !source.startsWith(`${file}/`)) found.add(file);
  }
  return [...found];
}
