// Where the server is and what it is shown: flags, then environment, then the server of the data folder, then the default.
import { readFileSync } from "node:fs";
import { filesOfFolder, holderOf } from "../shared/adapters/local/data-folder.ts";
import { usage } from "./errors.ts";

const DEFAULT_URL = "http://127.0.0.1:7788";
const DEFAULT_DIR = ".switchyard";

export interface AddressFlags {
  readonly url?: string;
  readonly token?: string;
  readonly dir?: string;
}

export interface Address {
  readonly url: string;
  readonly token: string | undefined;
  readonly dir: string;
}

/** @throws CliError for what is no address */
export function addressOf(flags: AddressFlags, environment: NodeJS.ProcessEnv): Address {
  const dir = flags.dir ?? told(environment.SWITCHYARD_DIR) ?? DEFAULT_DIR;
  const port = told(environment.SWITCHYARD_PORT);
  const served = servedFrom(dir);
  const url = checked(
    flags.url ?? told(environment.SWITCHYARD_URL) ?? (port === undefined ? undefined : `http://127.0.0.1:${port}`) ?? served ?? DEFAULT_URL,
  );
  // A folder's token opens this machine's server: it is not sent to another machine just because no other token was given.
  const isOwn = flags.dir !== undefined || url === served || isLoopback(url);
  return { url, dir, token: flags.token ?? told(environment.SWITCHYARD_TOKEN) ?? (isOwn ? tokenIn(dir) : undefined) };
}

/** Of a server that runs: what one left behind that was killed leads nowhere. */
function servedFrom(dir: string): string | undefined {
  const holder = holderOf(dir);
  try {
    if (holder) process.kill(holder.pid, 0);
    return holder?.url;
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM" ? holder?.url : undefined;
  }
}

/** A variable that is set to nothing is not set. */
const told = (value: string | undefined): string | undefined => (value === "" ? undefined : value);

function checked(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, "");
  throw usage(`${url} is no address of a server.`, `Give it as ${DEFAULT_URL}.`);
}

const isLoopback = (url: string): boolean => /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(url).hostname);

function tokenIn(dir: string): string | undefined {
  try {
    return told(readFileSync(filesOfFolder(dir).token, "utf8").trim());
  } catch {
    return undefined;
  }
}
