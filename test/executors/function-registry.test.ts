import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { FunctionRegistry } from "../../shared/adapters/local/functions/registry.ts";
import { fixtures, jobFile, jobsFolder, newExecutor, newTask, run, valueOf, writeFiles } from "./function-support.ts";
import { newFolder } from "./script-support.ts";

const open = (jobsDir: string, cacheDir = newFolder()): Promise<FunctionRegistry> => FunctionRegistry.open({ jobsDir, cacheDir });
const names = (registry: FunctionRegistry): string[] => registry.functions().map(({ name }) => name);

describe("the functions of a folder", () => {
  test("are described without being run", async () => {
    const registry = await fixtures();
    expect(registry.problems()).toEqual([]);
    expect(registry.get("typed")).toEqual({
      name: "typed",
      description: "Has a schema for all that goes in and out",
      file: "typed.ts",
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      bundle: expect.stringContaining(".mjs"),
      paramsSchema: expect.objectContaining({
        type: "object",
        properties: { size: expect.objectContaining({ type: "integer", minimum: 1 }), unit: { type: "string", default: "kg" } },
        required: ["size"],
      }),
      resultSchema: expect.objectContaining({ properties: { label: { type: "string", maxLength: 8 } } }),
      timeout: "5m",
      retry: { maxAttempts: 4, delay: "1s" },
      isolation: "thread",
    });
    expect(registry.get("act-isolated")).toMatchObject({ isolation: "process" });
  });

  test("are none where there is no folder", async () => {
    const registry = await open(join(newFolder(), "none"));
    expect([registry.functions(), registry.problems()]).toEqual([[], []]);
  });

  test("lie in files of its folders, but for those that are no jobs", async () => {
    const registry = await open(
      jobsFolder({
        "b.ts": jobFile("b", "() => 1"), "mail/a.mts": jobFile("a", "() => 1"), "plain.js": jobFile("plain", "() => 1"), "_help.ts": "nonsense(",
        "b.test.ts": "nonsense(", "_lib/x.ts": "nonsense(", "node_modules/y/z.js": "nonsense(", "types.d.ts": "nonsense(", "notes.md": "nonsense(",
      }),
    ); // prettier-ignore
    expect(registry.problems()).toEqual([]);
    expect(names(registry)).toEqual(["a", "b", "plain"]);
    expect(registry.get("a")?.file).toBe("mail/a.mts");
  });

  test("that the repository ships with have no problem", async () => {
    const registry = await open(join(import.meta.dirname, "../../jobs"));
    expect(registry.problems()).toEqual([]);
    expect(names(registry)).toEqual(expect.arrayContaining(["count-words", "fetch-page", "hello"]));
  });
});

describe("a bundle", () => {
  test("resolves switchyard and zod in a folder outside of any package, and holds what TypeScript alone has", async () => {
    const jobsDir = jobsFolder({
      "_colour.ts": "export enum Colour { red = 'r', green = 'g' }",
      "paint.ts": `import { readFileSync } from "node:fs"; import { Colour } from "./_colour.ts"; import { defineJob, NonRetryableError } from "switchyard"; import { z } from "zod";
        const __dirname = new URL(".", import.meta.url).pathname;
        class Painter { constructor(private readonly name: string) {} paint(c: Colour) { return this.name + Colour[c]; } }
        export default defineJob({ name: "paint", params: z.object({ c: z.enum(Colour).default(Colour.red) }), run: ({ c }) => {
          if (c === Colour.green) throw new NonRetryableError("no green", { code: "user.no_green" });
          return { c, said: new Painter("p").paint("red" as Colour), near: readFileSync(new URL("note.txt", import.meta.url), "utf8"), too: require("node:path").basename(__filename), here: __dirname === import.meta.dirname + "/" };
        } });`,
      "note.txt": "beside it",
    });
    const executor = await newExecutor({ registry: await open(jobsDir) });
    expect(valueOf(await run(executor, newTask({ function: "paint" })))).toEqual({
      c: "r",
      said: "pr",
      near: "beside it",
      too: "paint.ts",
      here: true,
    });
    expect(await run(executor, newTask({ function: "paint", params: { c: "g" } }))).toMatchObject({
      failure: { code: "user.no_green", retryable: false, message: "no green" },
    });
  });

  test("holds nothing of Switchyard but what jobs need", async () => {
    const registry = await open(jobsFolder({ "a.ts": jobFile("a", "() => 1") }));
    const code = readFileSync(registry.get("a")!.bundle, "utf8");
    expect(code.length).toBeLessThan(10_000);
    expect(code.match(/from "(?!node:(?:module|path|url)")[^"]+"/g)).toEqual([expect.stringMatching(/^from "\.\/zod-[0-9a-f]{16}\.mjs"$/)]);
  });

  test("is made again when a file that it holds has changed, and then runs in a new thread", async () => {
    const jobsDir = jobsFolder({
      "_word.ts": 'export const word = "old";',
      "say.ts": `import { word } from "./_word.ts"; import { defineJob } from "switchyard"; import { z } from "zod"; let calls = 0; export default defineJob({ name: "say", params: z.object({}), run: () => ({ word, calls: ++calls }) });`,
      "other.ts": jobFile("other", "() => 1"),
    });
    const registry = await open(jobsDir);
    const executor = await newExecutor({ registry, size: 1 });
    const say = async () => valueOf(await run(executor, newTask({ function: "say" })));
    expect([await say(), await say()]).toEqual([{ word: "old", calls: 1 }, { word: "old", calls: 2 }]); // prettier-ignore
    const [before, other] = [registry.get("say"), registry.get("other")];
    writeFiles(jobsDir, { "_word.ts": 'export const word = "newer";' });
    await registry.reload();
    expect(registry.get("say")?.hash).not.toBe(before?.hash);
    expect(registry.get("other")).toEqual(other);
    expect(await say()).toEqual({ word: "newer", calls: 1 });
  });

  test("is found again by the next server, and made again if it was removed", async () => {
    const [jobsDir, cacheDir] = [jobsFolder({ "a.ts": jobFile("a", "() => 1") }), newFolder()];
    const first = (await open(jobsDir, cacheDir)).get("a")!;
    expect((await open(jobsDir, cacheDir)).get("a")).toEqual(first);
    rmSync(first.bundle);
    expect((await open(jobsDir, cacheDir)).get("a")).toEqual(first);
    expect(existsSync(first.bundle)).toBe(true);
  });

  test("is watched for", async () => {
    const jobsDir = jobsFolder({ "a.ts": jobFile("a", "() => 1") });
    const registry = await open(jobsDir);
    onTestFinished(() => registry.close());
    const changed = new Promise<void>((resolve) => registry.watch(resolve));
    writeFiles(jobsDir, { "b.ts": jobFile("b", "() => 1") });
    await changed;
    expect(names(registry)).toEqual(["a", "b"]);
  });
});

describe("a file that is no good", () => {
  const bad: Record<string, readonly [text: string, message: RegExp]> = {
    "syntax.ts": ["export default (", /syntax\.ts:1:\d+/],
    "missing.ts": ['import "nowhere"; export default 1', /Could not resolve "nowhere"/],
    "nothing.ts": ["export const a = 1;", /no default export/],
    "number.ts": ["export default 1;", /not what defineJob answers/],
    "throws.ts": ['throw new Error("at import");', /at import/],
    "exits.ts": ["process.exit(0);", /does not end well/],
    "name.ts": [jobFile("no spaces", "() => 1"), /^name must be/],
    "date.ts": [jobFile("date", "() => 1", "z.object({ from: z.object({ at: z.date().optional() }) })"), /from\.at: .*Date.*z\.iso\.datetime/],
    "timeout.ts": ['import { defineJob } from "switchyard"; import { z } from "zod"; export default defineJob({ name: "t", params: z.object({}), timeout: "soon", run: () => 1 });', /^timeout must be a duration/],
    "run.ts": ['import { defineJob } from "switchyard"; import { z } from "zod"; export default defineJob({ name: "r", params: z.object({}) } as never);', /no run function/],
    "twin.ts": [jobFile("good", "() => 1"), /good\.ts is called good/],
  }; // prettier-ignore

  test("is a problem that says what is wrong, and the others are there", async () => {
    const told: string[] = [];
    const jobsDir = jobsFolder({ "good.ts": jobFile("good", "() => 1"), "zebra.ts": jobFile("zebra", "() => 1") });
    writeFiles(jobsDir, Object.fromEntries(Object.entries(bad).map(([file, [text]]) => [file, text])));
    const registry = await FunctionRegistry.open({ jobsDir, cacheDir: newFolder(), onProblem: ({ file }) => told.push(file) });
    expect(names(registry)).toEqual(["good", "zebra"]);
    expect(Object.fromEntries(registry.problems().map(({ file, message }) => [file, message]))).toEqual(
      Object.fromEntries(Object.entries(bad).map(([file, [, message]]) => [file, expect.stringMatching(message)])),
    );
    expect(told.toSorted()).toEqual(Object.keys(bad).toSorted());
  });

  test("is a problem also when it never stops loading", async () => {
    const jobsDir = jobsFolder({
      "endless.ts": "for (;;);",
      "waits.ts": "await new Promise(() => undefined);",
      "z.ts": jobFile("z", "() => 1"),
    });
    const registry = await FunctionRegistry.open({ jobsDir, cacheDir: newFolder(), loadMsMax: 500 });
    expect(names(registry)).toEqual(["z"]);
    expect(registry.problems()).toEqual([
      { file: "endless.ts", message: "It takes longer than 0.5 s to load." },
      { file: "waits.ts", message: expect.stringContaining("waits for nothing") },
    ]);
  });

  test("fails its job if it can be loaded no more, and the next one tries again", async () => {
    const marker = join(newFolder(), "broken");
    const text = `import { existsSync } from "node:fs"; console.log("loading"); if (existsSync(${JSON.stringify(marker)})) throw new Error("broken now");\n`;
    const registry = await open(jobsFolder({ "a.ts": text + jobFile("a", "() => 1") }));
    const executor = await newExecutor({ registry });
    writeFileSync(marker, "");
    expect(await run(executor, newTask({ function: "a" }))).toMatchObject({ failure: { code: "function.threw", message: "broken now" } });
    rmSync(marker);
    expect(await run(executor, newTask({ function: "a" }))).toEqual({ result: "1" });
  });

  test("is there once it is good", async () => {
    const jobsDir = jobsFolder({ "a.ts": "export default (" });
    const registry = await open(jobsDir);
    writeFiles(jobsDir, { "a.ts": jobFile("a", "() => 1") });
    await registry.reload();
    expect([names(registry), registry.problems()]).toEqual([["a"], []]);
  });
});
