// Where the files of an attempt lie, and how they are laid out before it begins.
import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonText } from "../domain/json.ts";

export const jobFolder = (dataDir: string, jobId: string): string => join(dataDir, "attempts", safeName(jobId));

export const attemptFolder = (dataDir: string, jobId: string, attempt: number, attemptId: string): string =>
  join(jobFolder(dataDir, jobId), `${attempt}-${safeName(attemptId)}`);

export const filesOf = (folder: string) => ({
  params: join(folder, "params.json"),
  inputs: join(folder, "inputs.json"),
  result: join(folder, "result.json"),
  error: join(folder, "error.json"),
  checkpoint: join(folder, "checkpoint"),
  artifacts: join(folder, "artifacts"),
  work: join(folder, "work"),
  log: join(folder, "log"),
});

/** Ids come from users and end up in paths. */
function safeName(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) throw new Error(`${JSON.stringify(name)} cannot be the name of a folder`);
  return name;
}

/** Folders of attempts of a job, the latest first. */
export async function attemptFolders(dataDir: string, jobId: string): Promise<{ readonly attempt: number; readonly path: string }[]> {
  const folder = jobFolder(dataDir, jobId);
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .map((name) => ({ attempt: Number.parseInt(name, 10), path: join(folder, name) }))
    .filter(({ attempt }) => Number.isInteger(attempt))
    .toSorted((a, b) => b.attempt - a.attempt || (a.path < b.path ? 1 : -1));
}

interface Preparation {
  readonly dataDir: string;
  readonly jobId: string;
  readonly attempt: number;
  readonly attemptId: string;
  readonly params: JsonText;
  readonly inputs: JsonText;
}

/** Makes the attempt's folder with what a job finds there. Answers its path. */
export async function prepareFolder({ dataDir, jobId, attempt, attemptId, params, inputs }: Preparation): Promise<string> {
  const folder = attemptFolder(dataDir, jobId, attempt, attemptId);
  const files = filesOf(folder);
  await mkdir(files.work, { recursive: true });
  await Promise.all([
    mkdir(files.artifacts, { recursive: true }),
    writeFile(files.params, params),
    writeFile(files.inputs, inputs),
    attempt > 1 ? carryCheckpoint(dataDir, jobId, attempt, files.checkpoint) : undefined,
  ]);
  return folder;
}

/** The latest checkpoint of the attempts before this one. Links are not followed: a container may have made them. */
export async function carryCheckpoint(dataDir: string, jobId: string, attempt: number, to: string): Promise<void> {
  for (const before of await attemptFolders(dataDir, jobId)) {
    const from = filesOf(before.path).checkpoint;
    const isThere = before.attempt < attempt && (await lstat(from).then((found) => found.isFile(), () => false)); // prettier-ignore
    if (isThere) return copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}
