// Who may know whom. The linter says so while one types; this test says so of the whole tree, and of the linter itself.
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What a layer may import of ours; type imports count. */
const may: Record<string, readonly string[]> = {
  events: [],
  "shared/domain": ["events"],
  "shared/attempt": ["shared/domain"],
  "shared/functions": ["shared/domain", "shared/ports", "shared/attempt", "shared/sdk/define-job.ts", "shared/sdk/errors.ts"],
  "shared/ports": ["shared/domain", "events"],
  "shared/engine": ["shared/domain", "shared/ports", "events"],
  "shared/adapters/local": [
    "shared/domain",
    "shared/ports",
    "shared/attempt",
    "shared/functions",
    "events",
    "shared/sdk/define-job.ts",
    "shared/sdk/errors.ts",
  ],
  "shared/adapters/aws": ["shared/domain", "shared/ports", "shared/attempt", "shared/functions", "events", "shared/names.ts"],
  "shared/api": ["shared/domain", "shared/ports", "shared/engine", "events"],
};

const layerOf = (file: string): string | undefined => Object.keys(may).find((layer) => file.startsWith(`${layer}/`));

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => posix.join(dirname(file), match[1]!));
}

describe("the layers", () => {
  const files = globSync(["events/**/*.ts", "shared/**/*.ts"], { cwd: root });

  test("hold the files that they are thought to hold", () => {
    for (const layer of Object.keys(may)) expect(files.filter((file) => layerOf(file) === layer).length, layer).toBeGreaterThan(0);
  });

  test("import only what they may know", () => {
    const wrong = files.flatMap((file) => {
      const layer = layerOf(file);
      if (!layer) return [];
      const allowed = [layer, ...may[layer]!];
      return importsOf(file)
        .filter((target) => !allowed.some((one) => target === one || target.startsWith(`${one}/`)))
        .map((target) => `${file} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  test("are at most three folders below the first", () => {
    expect(files.filter((file) => file.split("/").length > 5).map((file) => relative(root, file))).toEqual([]);
  });
});

test("the linter refuses an import across layers while one types it", () => {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-layers-"));
  const { options: _, ...rules } = JSON.parse(readFileSync(join(root, ".oxlintrc.json"), "utf8")) as { options: object };
  writeFileSync(join(folder, ".oxlintrc.json"), JSON.stringify(rules));
  const probes: Record<string, string> = {
    "shared/domain/probe.ts": "../engine/engine.ts",
    "shared/functions/probe.ts": "../adapters/local/clock.ts",
    "shared/attempt/probe.ts": "../functions/call.ts",
    "shared/engine/probe.ts": "../adapters/local/clock.ts",
    "shared/adapters/local/probe.ts": "../../engine/engine.ts",
    "shared/adapters/aws/probe.ts": "../local/clock.ts",
    "shared/api/probe.ts": "../adapters/local/clock.ts",
    "shared/ports/probe.ts": "node:fs",
  };
  for (const [file, target] of Object.entries(probes)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import * as probe from "${target}";\nconsole.log(probe);\n`);
  }
  const lint = (): string => {
    try {
      return execFileSync(join(root, "node_modules/.bin/oxlint"), ["shared"], { cwd: folder, encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };
  const told = lint();
  rmSync(folder, { recursive: true });
  for (const file of Object.keys(probes)) expect(told).toContain(file);
});
