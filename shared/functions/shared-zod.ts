// zod is 700 KB and in every job: it is bundled once per version, and the jobs' bundles import it from beside them. Ten jobs are
// bundled in a tenth of the time, and a thread loads it once.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { BuildOptions } from "esbuild";

type Build = typeof import("esbuild").build;

export class SharedZod {
  readonly #cacheDir: string;
  readonly #build: Build;
  readonly #names = new Map<string, Promise<string>>();
  /** By the import in the bundle: what tells that another version is installed. */
  readonly packages = new Map<string, string>();

  constructor(cacheDir: string, build: Build) {
    this.#cacheDir = cacheDir;
    this.#build = build;
  }

  /** What to import instead of this file of zod; null = it is not in a package of its own, as in zod's own repository. */
  async importOf(path: string): Promise<string | null> {
    const [root] = /^.*\/node_modules\/zod\//.exec(path.replaceAll("\\", "/")) ?? [];
    if (root === undefined) return null;
    let name = this.#names.get(path);
    if (name === undefined) this.#names.set(path, (name = this.#make(path, `${root}package.json`)));
    return name;
  }

  async #make(path: string, packageFile: string): Promise<string> {
    // Of the package's version, so that the bundles are the same wherever it is installed.
    const version = await readFile(packageFile, "utf8");
    const key = createHash("sha256")
      .update(`${relative(dirname(packageFile), path)} ${version}`)
      .digest("hex")
      .slice(0, 16);
    const name = `./zod-${key}.mjs`;
    this.packages.set(name, packageFile);
    const target = join(this.#cacheDir, name);
    if (existsSync(target)) return name;
    const { outputFiles } = await this.#build({ ...options, entryPoints: [path] });
    const draft = `${target}.${process.pid}.new`;
    await writeFile(draft, outputFiles[0]!.contents);
    await rename(draft, target);
    return name;
  }
}

const options: BuildOptions & { write: false } = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  charset: "utf8",
  minifyWhitespace: true,
  minifySyntax: true,
  write: false,
  logLevel: "silent",
};
