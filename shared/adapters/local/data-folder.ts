// The folder of one server: made private, and held by one live process at a time.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SwitchyardError } from "../../domain/errors.ts";

export const filesOfFolder = (dir: string) => ({
  database: join(dir, "switchyard.db"),
  lock: join(dir, "lock.db"),
  holder: join(dir, "server.json"),
  token: join(dir, "token"),
  bundles: join(dir, "bundles"),
});

export interface Holder {
  readonly pid: number;
  readonly url?: string;
}

/** @throws SwitchyardError `store.unavailable` naming the process that holds the folder. Answers how to let go. */
export function holdFolder(dir: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const files = filesOfFolder(dir);
  // The lock is the operating system's: it goes with its process, however that ends.
  const lock = new DatabaseSync(files.lock);
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    const holder = holderOf(dir);
    const who = holder ? `process ${holder.pid}${holder.url ? `, serving ${holder.url}` : ""}` : "another process";
    throw new SwitchyardError(
      "store.unavailable",
      `The folder ${dir} is held by ${who}. Stop it first, or choose another folder with --dir.`,
      { cause: error },
    );
  }
  chmodSync(dir, 0o700);
  tellHolder(dir, { pid: process.pid });
  return () => lock.close();
}

export const tellHolder = (dir: string, holder: Holder): void =>
  writeFileSync(filesOfFolder(dir).holder, JSON.stringify(holder), { mode: 0o600 });

/** Who last held the folder; only a hint, for messages and for finding the server. */
export function holderOf(dir: string): Holder | null {
  try {
    return JSON.parse(readFileSync(filesOfFolder(dir).holder, "utf8")) as Holder;
  } catch {
    return null;
  }
}

/** The server's own token: made once, readable by its user alone. */
export function tokenOf(dir: string): string {
  const { token } = filesOfFolder(dir);
  if (!existsSync(token)) writeFileSync(token, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  return readFileSync(token, "utf8").trim();
}
