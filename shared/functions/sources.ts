// Files of the jobs folder that are jobs.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const FILES_MAX = 2000;
const extension = /\.(ts|mts|js|mjs)$/;
const notAJob = /(^[_.])|\.d\.m?ts$|\.(test|spec)\.\w+$/;

/** Relative to the folder, in order; none if there is no such folder. What begins with `_` is for the jobs to import. */
export async function sourcesIn(jobsDir: string): Promise<string[]> {
  const found: string[] = [];
  const look = async (folder: string): Promise<void> => {
    const entries = await readdir(join(jobsDir, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (notAJob.test(entry.name) || entry.name === "node_modules" || found.length >= FILES_MAX) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await look(path);
      else if (extension.test(entry.name)) found.push(path);
    }
  };
  await look("");
  return found.toSorted();
}
