// `switchyard job artifacts`: the files that a job left, or one of them.
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { usage } from "../errors.ts";
import { verbOf } from "../globals.ts";
import { printList } from "../output/list.ts";
import { listed } from "../pages.ts";
import { jobPath } from "../shown.ts";

interface Artifact {
  readonly path: string;
  readonly size: number;
  readonly contentType: string;
  readonly attempt: number;
}

interface Options {
  readonly output?: string;
}

const examples = ["job artifacts job_1", "job artifacts job_1 report/summary.csv | head", "job artifacts job_1 plot.png -o plot.png"];

export function addArtifacts(group: Command): void {
  verbOf(group, "artifacts <id> [path]", "the files that a job left; with a path the file itself", examples)
    .option("-o, --output <file>", "where the file goes (default stdout)")
    .action(
      acting((call, options: Options, id: string, path: string | undefined) =>
        path === undefined ? list(call, id) : download(call, id, path, options),
      ),
    );
}

async function list(call: Call, id: string): Promise<void> {
  const artifacts = await listed<Artifact>(call.client, jobPath(id, "/artifacts"), {}, Infinity);
  printList(call, artifacts, [
    { title: "PATH", of: ({ path }) => path, isFlexible: true },
    { title: "SIZE", of: ({ size }) => sizeText(size), align: "right" },
    { title: "TYPE", of: ({ contentType }) => contentType, leftOut: 1 },
  ], "No files."); // prettier-ignore
}

async function download({ client, out, err }: Call, id: string, path: string, { output }: Options): Promise<void> {
  const response = await client.request("GET", jobPath(id, `/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`));
  const type = response.headers.get("content-type") ?? "";
  if (output === undefined && out.isTerminal && !/^text\/|json|xml/.test(type)) {
    await response.body?.cancel();
    throw usage(`${path} is ${type}: not for a terminal.`, "Write it to a file with -o FILE.");
  }
  const bytes = Readable.fromWeb((response.body ?? new Blob([]).stream()) as ReadableStream);
  if (output === undefined || output === "-") return pipeline(bytes, process.stdout, { end: false });
  await writeWhole(bytes, output);
  err.line(err.paint.dim(`${output}: ${sizeText(Number(response.headers.get("content-length") ?? 0))}`));
}

/** Under another name until it is whole: a download that broke must not look like a file. */
async function writeWhole(bytes: Readable, file: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await pipeline(bytes, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : usage(`${file} cannot be written: ${message}.`);
  }
}

export function sizeText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`;
}
