// Opens a database file: refuses what it cannot read without touching it, brings an older schema up to date.
import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { SwitchyardError } from "../../../domain/errors.ts";
import { migrations } from "./schema.ts";

export const IN_MEMORY = ":memory:";

/** Larger files are not read through at start; what is wrong in them shows when it is read. */
const CHECKED_WHOLE_BYTES = 32 * 1024 * 1024;

/** @throws SwitchyardError `store.unavailable` for a file that is corrupt, somebody else's, or written by a newer version. */
export function openDatabase(file: string): DatabaseSync {
  if (file !== IN_MEMORY && existsSync(file)) refuseUnreadable(file);
  const database = new DatabaseSync(file);
  // 64 MB of cache; a checkpoint each 16 MB of log keeps its cost out of most commits.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;");
  migrate(database);
  return database;
}

export const openForReading = (file: string): DatabaseSync => new DatabaseSync(file, { readOnly: true });

function refuseUnreadable(file: string): void {
  let version: number;
  let tables: number;
  try {
    using database = openForReading(file);
    version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    tables = Number(database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count);
    if (statSync(file).size <= CHECKED_WHOLE_BYTES) {
      const answer = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {})[0];
      if (answer !== "ok") throw new Error(String(answer));
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SwitchyardError(
      "store.unavailable",
      `The database ${file} is damaged (${why}). It was left as it is: restore it from a backup, or move it away to begin anew.`,
      { cause: error },
    );
  }
  if (version === 0 && tables > 0) {
    throw new SwitchyardError("store.unavailable", `The database ${file} is not Switchyard's. It was left as it is: name another file.`);
  }
  if (version > migrations.length) {
    throw new SwitchyardError(
      "store.unavailable",
      `The database ${file} has schema ${version}, written by a newer Switchyard; this one knows up to ${migrations.length}. Use the newer version.`,
    );
  }
}

function migrate(database: DatabaseSync): void {
  const from = Number(database.prepare("PRAGMA user_version").get()?.user_version);
  for (const [index, migration] of migrations.entries()) {
    if (index < from) continue;
    database.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
