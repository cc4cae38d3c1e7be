// Where a script may work: in its attempt's folder, or where the operator allowed it.
import { mkdir, realpath } from "node:fs/promises";
import { isAbsolute, join, sep } from "node:path";
import { filesOf } from "../../../attempt/folder.ts";
import type { Refusal } from "../../../ports/executor.ts";

const refusal = (message: string): Refusal => ({ code: "request.invalid", path: "workingDir", message });

/** Null = it is all right. */
export async function refusedWorkingDir(workingDir: string | undefined, allowDirs: readonly string[]): Promise<Refusal | null> {
  if (workingDir === undefined) return null;
  if (!isAbsolute(workingDir)) {
    return workingDir.split("/").includes("..")
      ? refusal("A relative workingDir lies below the attempt's folder: it must not contain `..`.")
      : null;
  }
  const real = await realpath(workingDir).catch(() => null);
  if (real === null) return refusal(`There is no folder ${workingDir}.`);
  const allowed = await Promise.all(allowDirs.map((folder) => realpath(folder).catch(() => null)));
  const isAllowed = allowed.some((folder) => folder !== null && (real === folder || folder === "/" || real.startsWith(folder + sep)));
  return isAllowed
    ? null
    : refusal(`${workingDir} is not among the folders that jobs may work in: start the server with --allow-dir ${workingDir}.`);
}

export function workingDirOf(folder: string, workingDir: string | undefined): string {
  const own = filesOf(folder).work;
  if (workingDir === undefined) return own;
  return isAbsolute(workingDir) ? workingDir : join(own, workingDir);
}

export const makeWorkingDir = async (path: string, workingDir: string | undefined): Promise<unknown> =>
  workingDir === undefined || isAbsolute(workingDir) ? undefined : mkdir(path, { recursive: true });
