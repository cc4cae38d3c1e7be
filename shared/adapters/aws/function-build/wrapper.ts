// The program around every function: the same files in each folder.
import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";

const pathOf = (file: string): string => fileURLToPath(new URL(`../function-job/${file}`, import.meta.url));

const options: BuildOptions & { write: false } = {
  entryPoints: { index: pathOf("handler.ts"), thread: pathOf("thread.ts") },
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node24",
  charset: "utf8",
  legalComments: "none",
  outdir: "/",
  outExtension: { ".js": ".mjs" },
  write: false,
  logLevel: "silent",
};

/** By name: `index.mjs`, whose export `handler` Lambda calls, and `thread.mjs`. */
export async function wrapperFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build(options);
  return new Map(outputFiles.map(({ path, contents }) => [path.replace(/^.*[\\/]/, ""), contents]));
}
