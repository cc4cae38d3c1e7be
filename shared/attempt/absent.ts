// What is not there is an answer; that it could not be looked at is not.

/** Also what a job may have made of a name: a loop of links, a file that nobody may read, a pipe without an end. */
const absent: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EACCES", "ENXIO"]);

/** For `catch`: null for what is not there. Everything else is thrown on: too many open files must not pass for an empty log. */
export function nullIfAbsent(error: unknown): null {
  if (absent.has((error as NodeJS.ErrnoException).code)) return null;
  throw error;
}
