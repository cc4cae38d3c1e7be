// Makes of a folder of jobs one folder a function that Lambda can run, and the lists that a deployment and the API read.
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { nullIfAbsent } from "../../../attempt/absent.ts";
import { inheritedEnvironment } from "../../../attempt/environment.ts";
import { bundleAll } from "../../../functions/bundle.ts";
import { describeAll } from "../../../functions/describe.ts";
import { infoOf } from "../../../functions/read-description.ts";
import { sourcesIn } from "../../../functions/sources.ts";
import type { FunctionInfo } from "../../../ports/functions.ts";
import { folderName } from "./folder-name.ts";
import { inFolder, refusal, writeJobFiles } from "./job-files.ts";
import { filesIn, publish, type Files } from "./publish.ts";
import { wrapperFiles } from "./wrapper.ts";

export interface Problem {
  /** Relative to the jobs folder. */
  readonly file: string;
  readonly message: string;
}

/** `build.json`: what a deployment needs to know. */
export interface BuiltFunctions {
  readonly functions: readonly {
    readonly name: string;
    /** Beside `build.json`; its handler is `index.handler`. */
    readonly folder: string;
  }[];
}

export type Built =
  | { readonly functions: readonly FunctionInfo[]; readonly written: readonly string[] }
  | { readonly problems: readonly Problem[] };

const LOAD_MS_MAX = 10_000;

/** Nothing is written if there is any problem. The same jobs give the same bytes, wherever they lie. */
export async function buildJobs(jobsFolder: string, outDir: string): Promise<Built> {
  const jobsDir = await realpath(jobsFolder).catch(nullIfAbsent);
  if (jobsDir === null) return { problems: [{ file: jobsFolder, message: "There is no such folder." }] };
  const workDir = await mkdtemp(join(await realpath(tmpdir()), "switchyard-build-"));
  try {
    const found = await makeFolders(jobsDir, workDir);
    const problems = [...found.flatMap((job) => ("problem" in job ? [{ file: job.file, message: job.problem }] : [])), ...twins(found)];
    if (problems.length > 0) return { problems };
    const jobs = found.filter((job) => "info" in job).toSorted((a, b) => (a.info.name < b.info.name ? -1 : 1));
    return { functions: jobs.map(({ info }) => info), written: await publishAll(resolve(outDir), jobs) };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

interface Made {
  readonly file: string;
  readonly info: FunctionInfo;
  /** Where its files lie until they are published. */
  readonly folder: string;
}
type Found = Made | { readonly file: string; readonly problem: string };

async function makeFolders(jobsDir: string, workDir: string): Promise<Found[]> {
  const sources = await sourcesIn(jobsDir);
  const bundles = await bundleAll({ jobsDir, cacheDir: workDir }, sources, inFolder);
  const problems: Found[] = [];
  const good: { file: string; folder: string; path: string }[] = [];
  for (const [index, file] of sources.entries()) {
    const bundle = bundles.get(file) ?? { problem: "It could not be bundled." };
    const problem = "problem" in bundle ? bundle.problem : refusal(bundle);
    if (problem !== null || "problem" in bundle) problems.push({ file, problem: problem ?? "" });
    else {
      const folder = join(workDir, "folders", String(index));
      good.push({ file, folder, path: await writeJobFiles(folder, { jobsDir, cacheDir: workDir, source: file, bundle }) });
    }
  }
  const limits = { loadMsMax: LOAD_MS_MAX, env: inheritedEnvironment(process.env, []) };
  const descriptions = await describeAll(good.map(({ path }) => path), limits); // prettier-ignore
  return [...problems, ...good.map(({ file, folder }, index) => ({ file, folder, ...infoOf(descriptions[index]!) }))];
}

function twins(found: readonly Found[]): Problem[] {
  const first = new Map<string, string>();
  return found.flatMap((job) => {
    if (!("info" in job)) return [];
    const other = first.get(job.info.name);
    if (other === undefined) first.set(job.info.name, job.file);
    return other === undefined ? [] : [{ file: job.file, message: `Its name is taken: ${other} is called ${job.info.name}, too.` }];
  });
}

async function publishAll(outDir: string, jobs: readonly Made[]): Promise<string[]> {
  const wrapper = await wrapperFiles();
  const folders = new Map<string, Files>();
  for (const { info, folder } of jobs) folders.set(folderName(info.name), new Map([...wrapper, ...(await filesIn(folder))]));
  const build: BuiltFunctions = {
    functions: jobs.map(({ info }) => ({ name: info.name, folder: folderName(info.name) })),
  };
  const lists = new Map([
    ["functions.json", `${JSON.stringify(jobs.map(({ info }) => info), null, 2)}\n`],
    ["build.json", `${JSON.stringify(build, null, 2)}\n`],
  ]); // prettier-ignore
  return publish(outDir, { folders, lists }, await formerFolders(outDir));
}

async function formerFolders(outDir: string): Promise<string[]> {
  const text = await readFile(join(outDir, "build.json"), "utf8").catch(nullIfAbsent);
  return text === null ? [] : (JSON.parse(text) as BuiltFunctions).functions.map(({ folder }) => folder);
}
