// Brings what was built to the folder where a deployment finds it. What is the same already is not touched.
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nullIfAbsent } from "../../../attempt/absent.ts";

/** By path within its folder. */
export type Files = ReadonlyMap<string, Uint8Array>;

export interface Build {
  readonly folders: ReadonlyMap<string, Files>;
  /** Beside the folders, written last: who reads them finds the folders. */
  readonly lists: ReadonlyMap<string, string>;
}

/** Answers the folders that were written. `former`: folders of an earlier build, which are removed unless they are built again. */
export async function publish(outDir: string, { folders, lists }: Build, former: readonly string[]): Promise<string[]> {
  await mkdir(outDir, { recursive: true });
  const written: string[] = [];
  for (const [name, files] of folders) if (await replaceFolder(join(outDir, name), files)) written.push(name);
  for (const [name, text] of lists) await replaceFile(join(outDir, name), text);
  for (const name of former) if (!folders.has(name)) await rm(join(outDir, name), { recursive: true, force: true });
  return written;
}

/** All of it is there before any of it is seen. */
async function replaceFolder(folder: string, files: Files): Promise<boolean> {
  if (await isSame(folder, files)) return false;
  const [draft, old] = [`${folder}.${process.pid}.new`, `${folder}.${process.pid}.old`];
  await rm(draft, { recursive: true, force: true });
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(draft, path)), { recursive: true });
    await writeFile(join(draft, path), bytes);
  }
  await rename(folder, old).catch(nullIfAbsent);
  await rename(draft, folder);
  await rm(old, { recursive: true, force: true });
  return true;
}

async function isSame(folder: string, files: Files): Promise<boolean> {
  const there = await filesIn(folder);
  if (there.size !== files.size) return false;
  return [...files].every(([path, bytes]) => Buffer.compare(there.get(path) ?? Buffer.alloc(0), bytes) === 0 && there.has(path));
}

async function replaceFile(path: string, text: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(nullIfAbsent)) === text) return;
  await writeFile(`${path}.${process.pid}.new`, text);
  await rename(`${path}.${process.pid}.new`, path);
}

/** Empty if there is no such folder. */
export async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const entries = (await readdir(folder, { withFileTypes: true, recursive: true }).catch(nullIfAbsent)) ?? [];
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const));
  return new Map(contents.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
