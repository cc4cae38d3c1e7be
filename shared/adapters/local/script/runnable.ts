// Finds out how a script is to be run, or says what is missing.
import { accessSync, constants, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { extname, isAbsolute, join, resolve } from "node:path";
import type { JobSpec } from "../../../domain/spec.ts";
import type { Refusal } from "../../../ports/executor.ts";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

type Script = NonNullable<JobSpec["script"]>;

interface Surroundings {
  /** What relative paths of scripts are relative to. */
  readonly root: string;
  /** Where programs are looked for. */
  readonly path: string;
  /** Where an inline script lies, or will. */
  readonly inlineFile: string;
}

/** As the kernel: it reads no further either. */
const SHEBANG_BYTES_MAX = 256;

export async function commandOf(script: Script, { root, path, inlineFile }: Surroundings): Promise<Command | Refusal> {
  const file = script.path === undefined ? inlineFile : resolve(root, script.path);
  if (script.path !== undefined && !isFile(file)) {
    return { code: "script.not_found", path: "script.path", message: `There is no file ${file}. Relative paths start at ${root}.` };
  }
  const head = script.inline ?? (await headOf(file));
  const how =
    script.interpreter === undefined ? byShebang(head) : { path: "script.interpreter", words: script.interpreter.trim().split(/ +/) };
  const { words, path: at } = how ?? byExtension(script, file, path);
  const args = script.args ?? [];
  const [program, ...first] = words;
  if (program === undefined || program === "") {
    return isExecutable(file) ? { file, args } : { code: "script.not_runnable", path: at, message: unknownKind(file) };
  }
  const found = findProgram(program, root, path);
  if (found !== null) return { file: found, args: [...first, file, ...args] };
  const where = program.includes("/") ? "is not an executable file" : "is not in PATH";
  return {
    code: "script.not_runnable",
    path: at,
    message: `The interpreter ${program} ${where}: install it, or name another as script.interpreter.`,
  };
}

interface How {
  readonly words: readonly string[];
  /** What in the request it comes from. */
  readonly path: string;
}

/** The kernel gives all that follows the interpreter as one argument. */
function byShebang(head: string): How | null {
  const [, program, rest] = /^#![ \t]*(\S+)[ \t]*(.*)/.exec(head.slice(0, SHEBANG_BYTES_MAX)) ?? [];
  if (program === undefined) return null;
  // `env` would look in PATH itself, but say what is missing only once the job runs.
  if (/^\/(usr\/)?bin\/env$/.test(program) && rest && !/^-|=|\s/.test(rest.trim())) return { words: [rest.trim()], path: "script" };
  return { words: rest?.trim() ? [program, rest.trim()] : [program], path: "script" };
}

function byExtension(script: Script, file: string, path: string): How {
  if (script.inline !== undefined) return { words: ["sh"], path: "script.inline" };
  const at = "script.path";
  switch (extname(file).toLowerCase()) {
    case ".py":
      return { words: ["python3"], path: at };
    case ".sh":
      return { words: [findProgram("bash", "/", path) === null ? "sh" : "bash"], path: at };
    case ".js":
    case ".mjs":
    case ".ts":
      return { words: [process.execPath], path: at };
    default:
      return { words: [], path: at };
  }
}

const unknownKind = (file: string): string =>
  `${file} has no #! line, no known ending (.py, .sh, .js, .mjs, .ts) and may not be executed: name a script.interpreter, add a #! line, or chmod +x it.`;

async function headOf(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return "";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SHEBANG_BYTES_MAX), 0, SHEBANG_BYTES_MAX, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

function findProgram(name: string, root: string, path: string): string | null {
  if (name.includes("/")) return isExecutable(resolve(root, name)) ? resolve(root, name) : null;
  const folders = path.split(":").filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isFile(path);
  } catch {
    return false;
  }
}
