// What a deployment finds after the jobs were built for Lambda.
import { execFile } from "node:child_process";
import { cpSync, existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { buildJobs } from "../../shared/adapters/aws/function-build/build-jobs.ts";
import { folderName } from "../../shared/adapters/aws/function-build/folder-name.ts";
import { jobFile, jobsFolder, writeFiles } from "./function-support.ts";
import { build, FunctionLambda } from "./lambda-support.ts";
import { newFolder } from "./script-support.ts";

const root = join(import.meta.dirname, "../..");
const filesOf = (folder: string): string[] => globSync("**/*", { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).toSorted(); // prettier-ignore
const contents = (folder: string): Record<string, string> => Object.fromEntries(filesOf(folder).map((file) => [file, readFileSync(join(folder, file), "latin1")])); // prettier-ignore
const json = (folder: string, file: string): unknown => JSON.parse(readFileSync(join(folder, file), "utf8"));

const command = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(root, "functions/build-jobs.ts"), ...args]).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );

describe("built jobs", () => {
  test("are a folder a function that needs nothing else, and two lists", async () => {
    const outDir = newFolder();
    expect(await command("--jobs", join(root, "jobs"), "--out", outDir)).toMatchObject({ code: 0, stdout: expect.stringContaining("6 functions") }); // prettier-ignore
    const folder = filesOf(join(outDir, "hello"));
    expect(folder).toEqual(["index.mjs", "job.mjs", "job.mjs.map", "thread.mjs", expect.stringMatching(/^zod-[0-9a-f]{16}\.mjs$/)]);
    const imports = folder.flatMap((file) => [...readFileSync(join(outDir, "hello", file), "utf8").matchAll(/\bfrom\s*"([^"]+)"/g)].map((match) => match[1]!)); // prettier-ignore
    expect(imports.filter((name) => !name.startsWith("node:") && !folder.includes(name.slice("./".length)))).toEqual([]);
    expect(json(outDir, "functions.json")).toContainEqual(expect.objectContaining({ name: "count-words", timeout: "1m", isolation: "thread", paramsSchema: expect.objectContaining({ type: "object" }) })); // prettier-ignore
    expect((json(outDir, "build.json") as { functions: unknown }).functions).toContainEqual({ name: "count-words", folder: "count-words" }); // prettier-ignore
    const small = ["index.mjs", "thread.mjs"].map((file) => statSync(join(outDir, "hello", file)).size);
    expect(Math.max(...small)).toBeLessThan(30_000);
  });

  test("are the same bytes from the same jobs, wherever they lie", async () => {
    const [one, other] = [newFolder(), newFolder()];
    cpSync(join(import.meta.dirname, "jobs"), join(one, "jobs"), { recursive: true });
    cpSync(join(one, "jobs"), join(other, "deeper/jobs"), { recursive: true });
    const [first, second] = [contents(await build(join(one, "jobs"))), contents(await build(join(other, "deeper/jobs")))];
    expect(Object.keys(first).length).toBeGreaterThan(10);
    expect(second).toEqual(first);
    for (const [file, text] of Object.entries(first)) expect([file, text.includes(one), text.includes(root)]).toEqual([file, false, false]);
  });

  test("are written again only where something has changed, and go with their source", async () => {
    const jobsDir = jobsFolder({ "a.ts": jobFile("a", "() => 1"), "b.ts": jobFile("b", "() => 1"), "c.ts": jobFile("c", "() => 1") });
    const outDir = await build(jobsDir);
    const changedAt = (): number => statSync(join(outDir, "a/job.mjs")).ctimeMs;
    const before = changedAt();
    expect(await buildJobs(jobsDir, outDir)).toMatchObject({ written: [] });
    writeFiles(jobsDir, { "b.ts": jobFile("b", "() => 2"), "c.ts": jobFile("renamed", "() => 1") });
    expect(await buildJobs(jobsDir, outDir)).toMatchObject({ written: ["b", "renamed"] });
    expect(changedAt()).toBe(before);
    expect(existsSync(join(outDir, "c"))).toBe(false);
    expect(globSync("*", { cwd: outDir }).toSorted()).toEqual(["a", "b", "build.json", "functions.json", "renamed"]);
  });

  test("run though their jobs lie outside of any package", async () => {
    const outDir = await build(jobsFolder({ "deep/a.ts": jobFile("a", "({ n }) => n + 1", "z.object({ n: z.number() })") }));
    const lambda = await FunctionLambda.start({ folder: join(outDir, "a") });
    expect((await lambda.run({ params: { n: 1 } })).outcome).toEqual({ result: "2" });
  });

  test("have folders that no file system takes for others", () => {
    expect(folderName("fetch-page_2")).toBe("fetch-page_2");
    const odd = ["Fetch-page", "fetch-Page", "build.json", "a.b", "a-b.", "con", "A.b"].map(folderName);
    for (const name of odd) expect(name).toMatch(/^[a-z][a-z0-9_-]*-[0-9a-f]{8}$/);
    expect(new Set(odd).size).toBe(odd.length);
  });
});

describe("jobs that cannot be built", () => {
  const bad: Record<string, readonly [text: string, message: string]> = {
    "syntax.ts": ["export default (", "syntax.ts:1:"],
    "missing.ts": ['import "nowhere"; export default 1', 'Could not resolve "nowhere"'],
    "date.ts": [jobFile("date", "() => 1", "z.object({ at: z.date() })"), "at: "],
    "twin.ts": [jobFile("good", "() => 1"), "good.ts is called good"],
    "native.ts": [`import native from "./some.node"; console.log(native);\n${jobFile("native", "() => 1")}`, "native code (some.node)"],
  };

  test.each(Object.keys(bad))("say why, and leave everything as it was: %s", async (file) => {
    const [text, message] = bad[file]!;
    const jobsDir = jobsFolder({ "good.ts": jobFile("good", "() => 1"), "some.node": "" });
    const outDir = await build(jobsDir);
    const before = contents(outDir);
    writeFiles(jobsDir, { [file]: text, "new.ts": jobFile("new", "() => 1") });
    expect(await command("--jobs", jobsDir, "--out", outDir)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(message) }); // prettier-ignore
    expect((await command("--jobs", jobsDir, "--out", outDir)).stderr).toMatch(new RegExp(`^${file}: `));
    expect(contents(outDir)).toEqual(before);
  });

  test("are none where there is no folder", async () => {
    const [jobsDir, outDir] = [join(newFolder(), "none"), join(newFolder(), "out")];
    expect(await command("--jobs", jobsDir, "--out", outDir)).toMatchObject({ code: 1, stderr: `${jobsDir}: There is no such folder.\n` });
    expect(existsSync(outDir)).toBe(false);
    expect(await command()).toMatchObject({ code: 2 });
  });
});
