// What was found out about the jobs folder, beside its bundles: at the next start a look at the files' times is enough.
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BundledFunction } from "./info.ts";

export interface Remembered {
  readonly info?: BundledFunction;
  readonly problem?: string;
  /** Files that went into the bundle; none = look again next time. */
  readonly inputs: readonly string[];
}

interface Entry extends Remembered {
  readonly source: string;
}

interface Content {
  readonly format: string;
  /** Of each input: its time and size. */
  readonly marks: Readonly<Record<string, string>>;
  readonly entries: readonly Entry[];
}

/** Changes when what we make of a file changes. */
const FORMAT = `1 ${process.version}`;

export class Manifest {
  readonly #path: string;
  readonly #content: Content;

  private constructor(path: string, content: Content) {
    this.#path = path;
    this.#content = content;
  }

  static async read(cacheDir: string): Promise<Manifest> {
    const path = join(cacheDir, "functions.json");
    const empty: Content = { format: FORMAT, marks: {}, entries: [] };
    const content = await readFile(path, "utf8").then((text) => JSON.parse(text) as Content, () => empty).catch(() => empty); // prettier-ignore
    return new Manifest(path, content.format === FORMAT ? content : empty);
  }

  /** Splits the sources in those that are as they were and those to be looked at. */
  async recognise(jobsDir: string, sources: readonly string[]): Promise<{ known: Map<string, Remembered>; changed: string[] }> {
    const entries = new Map(this.#content.entries.map((entry) => [entry.source, entry]));
    const marks = await marksOf(Object.keys(this.#content.marks));
    const isSame = (path: string): boolean => marks[path] !== undefined && marks[path] === this.#content.marks[path];
    const known = new Map<string, Remembered>();
    const changed: string[] = [];
    for (const source of sources) {
      const entry = entries.get(`${jobsDir}/${source}`);
      const isKnown = entry && entry.inputs.length > 0 && entry.inputs.every(isSame) && (!entry.info || existsSync(entry.info.bundle));
      if (isKnown) known.set(source, entry);
      else changed.push(source);
    }
    return { known, changed };
  }

  /** A file that was written since they were read is looked at again next time. */
  async write(jobsDir: string, known: ReadonlyMap<string, Remembered>, readAt: number): Promise<void> {
    const entries = [...known].map(([source, remembered]) => ({ ...remembered, source: `${jobsDir}/${source}` }));
    const marks = await marksOf([...new Set(entries.flatMap(({ inputs }) => inputs))], readAt);
    const content: Content = { format: FORMAT, marks, entries };
    await writeFile(`${this.#path}.new`, JSON.stringify(content));
    await rename(`${this.#path}.new`, this.#path);
  }
}

async function marksOf(paths: readonly string[], before = Infinity): Promise<Record<string, string>> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  const marks = found.flatMap((file, index) =>
    file && file.mtimeMs < before ? [[paths[index]!, `${file.mtimeMs} ${file.size}`] as const] : [],
  );
  return Object.fromEntries(marks);
}
