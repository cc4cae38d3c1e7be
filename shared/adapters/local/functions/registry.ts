// The functions of the jobs folder: found, bundled, described, and known again at the next start while nothing has changed.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { existsSync, watch as watchFolder } from "node:fs";
import { join, resolve } from "node:path";
import { inheritedEnvironment } from "../../../attempt/environment.ts";
import { bundleAll, type Bundled } from "../../../functions/bundle.ts";
import { describeAll } from "../../../functions/describe.ts";
import { infoOf } from "../../../functions/read-description.ts";
import { sourcesIn } from "../../../functions/sources.ts";
import type { BundledFunction, BundledFunctions, FunctionProblem } from "./info.ts";
import { Manifest, type Remembered } from "./manifest.ts";
import { COMPILED, removeOldBundles } from "./old-bundles.ts";

export interface RegistryOptions {
  readonly jobsDir: string;
  /** Bundles and what is known of them; may be removed at any time while no server runs. */
  readonly cacheDir: string;
  readonly onProblem?: (problem: FunctionProblem) => void;
  /** Names of variables of the server that files may see when they are loaded. */
  readonly inheritEnv?: readonly string[];
  /** How long a file may take to be loaded; default 10,000. */
  readonly loadMsMax?: number;
}

const LOAD_MS_MAX = 10_000;

/** Editors write a file in several steps, and many files at once. */
const SETTLE_MS = 100;

export class FunctionRegistry implements BundledFunctions {
  readonly #jobsDir: string;
  readonly #cacheDir: string;
  readonly #onProblem: (problem: FunctionProblem) => void;
  readonly #env: Readonly<Record<string, string>>;
  readonly #loadMsMax: number;
  readonly #unwatch = new Set<() => void>();
  #functions = new Map<string, BundledFunction>();
  #problems: FunctionProblem[] = [];
  #reloading: Promise<void> = Promise.resolve();

  private constructor({ jobsDir, cacheDir, onProblem, inheritEnv, loadMsMax = LOAD_MS_MAX }: RegistryOptions) {
    this.#jobsDir = resolve(jobsDir);
    this.#cacheDir = resolve(cacheDir);
    this.#onProblem = onProblem ?? (() => undefined);
    this.#loadMsMax = loadMsMax;
    this.#env = { ...inheritedEnvironment(process.env, inheritEnv ?? []), NODE_COMPILE_CACHE: join(this.#cacheDir, COMPILED) };
  }

  static async open(options: RegistryOptions): Promise<FunctionRegistry> {
    const registry = new FunctionRegistry(options);
    await registry.reload();
    return registry;
  }

  /** By name, in order. */
  functions(): readonly BundledFunction[] {
    return [...this.#functions.values()];
  }

  get(name: string): BundledFunction | undefined {
    return this.#functions.get(name);
  }

  problems(): readonly FunctionProblem[] {
    return this.#problems;
  }

  /** Looks at the folder again. What runs goes on with the bundle that it has. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.catch(() => undefined).then(() => this.#reload());
    return this.#reloading;
  }

  /** Reloads when something in the folder changes, then calls back. Answers how to end it. A folder that is not there is not watched. */
  watch(onChange: () => void): () => void {
    if (!existsSync(this.#jobsDir)) return () => undefined;
    let timer: NodeJS.Timeout | null = null;
    const reload = (): void => void this.reload().then(onChange, onChange);
    const watcher = watchFolder(this.#jobsDir, { recursive: true }, () => {
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(reload, SETTLE_MS);
    });
    watcher.on("error", () => undefined);
    const unwatch = (): void => {
      if (timer !== null) clearTimeout(timer);
      watcher.close();
      this.#unwatch.delete(unwatch);
    };
    this.#unwatch.add(unwatch);
    return unwatch;
  }

  async close(): Promise<void> {
    for (const unwatch of this.#unwatch) unwatch();
    await this.#reloading.catch(() => undefined);
  }

  async #reload(): Promise<void> {
    const sources = await sourcesIn(this.#jobsDir);
    const manifest = await Manifest.read(this.#cacheDir);
    const { known, changed } = await manifest.recognise(this.#jobsDir, sources);
    if (changed.length > 0) {
      const readAt = Date.now();
      await mkdir(this.#cacheDir, { recursive: true });
      const found = await this.#examine(changed);
      for (const [source, remembered] of found) known.set(source, remembered);
      await manifest.write(this.#jobsDir, known, readAt);
      await removeOldBundles(this.#cacheDir, new Set([...known.values()].flatMap(({ info }) => (info ? [info.hash] : []))));
    }
    this.#take(sources, known);
  }

  async #examine(sources: readonly string[]): Promise<Map<string, Remembered>> {
    const bundles = await this.#bundle(sources);
    const good = [...bundles].filter((entry): entry is [string, Exclude<Bundled, { problem: string }>] => "hash" in entry[1]);
    await Promise.all(
      good.map(async ([, { hash, code, map }]) => {
        await writeWhole(`${this.#pathOf(hash)}.map`, map);
        await writeWhole(this.#pathOf(hash), code);
      }),
    );
    const paths = good.map(([, { hash }]) => this.#pathOf(hash));
    const descriptions = await describeAll(paths, { loadMsMax: this.#loadMsMax, env: this.#env });
    const found = new Map<string, Remembered>();
    for (const [source, bundle] of bundles) if ("problem" in bundle) found.set(source, { problem: bundle.problem, inputs: [] });
    for (const [index, [source, { hash, inputs }]] of good.entries()) {
      const read = infoOf(descriptions[index]!);
      const place = { file: source, hash, bundle: this.#pathOf(hash) };
      found.set(source, "info" in read ? { info: { ...read.info, ...place }, inputs } : { ...read, inputs });
    }
    return found;
  }

  /** Without esbuild's program for this machine there are no functions, but all else works. */
  #bundle(sources: readonly string[]): Promise<Map<string, Bundled>> {
    return bundleAll({ jobsDir: this.#jobsDir, cacheDir: this.#cacheDir }, sources).catch(
      (error: Error) => new Map(sources.map((source) => [source, { problem: `It could not be bundled: ${error.message}` }])),
    );
  }

  #pathOf(hash: string): string {
    return join(this.#cacheDir, `${hash}.mjs`);
  }

  #take(sources: readonly string[], known: ReadonlyMap<string, Remembered>): void {
    const functions = new Map<string, BundledFunction>();
    const problems: FunctionProblem[] = [];
    for (const file of sources) {
      const { info, problem } = known.get(file) ?? { problem: "It could not be bundled." };
      const other = info && functions.get(info.name);
      if (other) problems.push({ file, message: `Its name is taken: ${other.file} is called ${other.name}, too.` });
      else if (info) functions.set(info.name, info);
      else problems.push({ file, message: problem ?? "" });
    }
    this.#functions = new Map([...functions].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    this.#problems = problems;
    for (const problem of problems) this.#onProblem(problem);
  }
}

/** Nobody ever sees half of it, not even another server that uses the same folder. */
async function writeWhole(path: string, text: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, text);
  await rename(draft, path);
}
