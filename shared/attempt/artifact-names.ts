// The files that a job left as artifacts. Jobs make these folders: links in them are followed only within them.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { nullIfAbsent } from "./absent.ts";
import { ARTIFACTS_MAX, within } from "./collect.ts";

/** Relative paths, links within the folder included; none if there is no such folder. `root` is a real path. */
export async function artifactNames(root: string): Promise<string[]> {
  const names: string[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined && names.length < ARTIFACTS_MAX; folder = folders.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await isFileWithin(root, name)))) names.push(name);
    }
  }
  return names.slice(0, ARTIFACTS_MAX);
}

async function isFileWithin(root: string, name: string): Promise<boolean> {
  const file = await within([root], join(root, name));
  return file !== null && (await stat(file).catch(nullIfAbsent))?.isFile() === true;
}
