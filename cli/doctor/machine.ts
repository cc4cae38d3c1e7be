// What can be seen without the server.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { filesOfFolder } from "../../shared/adapters/local/data-folder.ts";
import { sizeText } from "../job/artifacts.ts";
import { fail, ok, warn, type Check } from "./check.ts";

const NODE_MIN = 24;
const GB = 1024 ** 3;
const OTHERS = 0o077;

export const machineChecks = (dir: string): Check[] => [
  nodeCheck(process.versions.node),
  ...folderChecks(dir),
  diskCheck(dir),
  interpreter("bash"),
  interpreter("python3"),
];

export function nodeCheck(version: string): Check {
  const isNew = Number.parseInt(version, 10) >= NODE_MIN;
  return isNew
    ? ok("node", `Node ${version}`)
    : fail("node", `Node ${version} is too old.`, `Install Node ${NODE_MIN} or newer, or start by npm, which brings its own.`);
}

function folderChecks(dir: string): Check[] {
  const place = resolve(dir);
  if (!existsSync(place))
    return [warn("data folder", `${place} is not there yet.`, "The server makes it at its first start; --dir names another.")];
  const { token } = filesOfFolder(place);
  return [
    access(place),
    isPrivate("data folder", place, "700"),
    ...(existsSync(token)
      ? [isPrivate("token", token, "600")]
      : [warn("token", "The folder holds no token.", "The server makes one at its start, unless SWITCHYARD_TOKEN gives it.")]),
  ].filter((check) => check !== null);
}

function access(place: string): Check | null {
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch {
    return fail(
      "data folder",
      `${place} cannot be read and written.`,
      "Give yourself the rights (chmod u+rwx), or choose another by --dir.",
    );
  }
}

function isPrivate(name: string, path: string, mode: string): Check {
  const bits = statSync(path).mode & 0o777;
  if ((bits & OTHERS) === 0) return ok(name, `${path} is private.`);
  return warn(name, `${path} is open to others of this machine (mode ${bits.toString(8)}).`, `chmod ${mode} ${path}`);
}

function diskCheck(dir: string): Check {
  let place = resolve(dir);
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const says = `${sizeText(free)} are free at ${place}.`;
  if (free < GB / 10) return fail("disk", says, "Make room: a server that cannot write stops taking jobs.");
  return free < GB ? warn("disk", says, "Logs and artifacts may soon fill it.") : ok("disk", says);
}

function interpreter(name: string): Check {
  const { status, stdout, stderr, error } = spawnSync(name, ["--version"], { encoding: "utf8", timeout: 5000 });
  if (error || status !== 0)
    return warn(name, `${name} is not to be found.`, `Scripts for ${name} cannot run here; install it, or put it on the server's PATH.`);
  return ok(name, `${stdout}${stderr}`.trim().split("\n")[0] ?? name);
}
