// Copies declared output files to the artifacts. Whatever the job made of its folders, nothing outside of them is read or written.
import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readdir, realpath, rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { nullIfAbsent } from "./absent.ts";

export const ARTIFACTS_MAX = 10_000;

interface Collection {
  readonly workingDir: string;
  readonly artifacts: string;
  /** Relative to the working directory; a folder stands for all its files. */
  readonly declared: readonly string[];
}

/** Answers which of the declared files are missing. A link that leads out counts as missing. */
export async function collectOutputs({ workingDir, artifacts, declared }: Collection): Promise<readonly string[]> {
  if (declared.length === 0) return [];
  const room = { files: ARTIFACTS_MAX };
  const inside = await Promise.all([workingDir, artifacts].map((folder) => realpath(folder).catch(() => folder)));
  const [, target] = inside as [string, string];
  const missing: string[] = [];
  for (const name of declared) {
    const from = await within(inside, join(workingDir, name));
    const isThere = from !== null && !relative(".", name).startsWith("..") && (await copyInto(from, target, relative(".", name), room));
    if (!isThere) missing.push(name);
  }
  return missing;
}

/** The real path, or null if it is not there or lies outside. */
export async function within(folders: readonly string[], path: string): Promise<string | null> {
  const real = await realpath(path).catch(nullIfAbsent);
  return real !== null && folders.some((folder) => real === folder || real.startsWith(folder + sep)) ? real : null;
}

async function copyInto(from: string, artifacts: string, name: string, room: { files: number }): Promise<boolean> {
  const found = await lstat(from).catch(() => null);
  if (found?.isFile()) return copyOne(from, artifacts, name, room);
  if (!found?.isDirectory() || artifacts === from || artifacts.startsWith(from + sep)) return false;
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    if (!(await copyInto(join(from, entry.name), artifacts, join(name, entry.name), room))) return false;
  }
  return true;
}

async function copyOne(from: string, artifacts: string, name: string, room: { files: number }): Promise<boolean> {
  if (room.files-- <= 0) return false;
  const to = join(artifacts, name);
  if (to === from) return true;
  if (!(await makeFolder(artifacts, dirname(name)))) return false;
  if (!(await lstat(to).then((there) => there.isFile(), () => true))) await rm(to, { recursive: true, force: true }); // prettier-ignore
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  return true;
}

/** Step by step, for the job may have put links in its artifacts that would lead the copy elsewhere. */
async function makeFolder(artifacts: string, name: string): Promise<boolean> {
  let path = artifacts;
  for (const part of name.split(sep).filter((step) => step !== ".")) {
    path = join(path, part);
    await mkdir(path).catch(() => undefined);
    if (!(await lstat(path).then((there) => there.isDirectory(), () => false))) return false; // prettier-ignore
  }
  return true;
}
