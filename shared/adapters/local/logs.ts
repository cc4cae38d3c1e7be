// Reads the log files of attempts. A line's number is its place in its file; an index remembers where in the file lines begin.
import { open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { nullIfAbsent } from "../../attempt/absent.ts";
import { attemptFolder, attemptFolders, filesOf, jobFolder } from "../../attempt/folder.ts";
import { parseRecord } from "../../attempt/log-format.ts";
import { attemptOfSeq, lineOfSeq, seqOf, type LogLine } from "../../domain/log.ts";
import type { LogAsk, Logs } from "../../ports/platform.ts";
import { LineIndex } from "./line-index.ts";

type Attempt = LogAsk["attempts"][number];

/** Lines may have 64 KB each: a page ends before it has more than this. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;
const INDEXES_MAX = 200;

export class LocalLogs implements Logs {
  readonly #dataDir: string;
  /** By file; the one used last comes last. */
  readonly #indexes = new Map<string, LineIndex>();

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async read({ job, attempts, afterSeq, limit }: LogAsk): Promise<{ readonly lines: readonly LogLine[]; readonly more: boolean }> {
    const lines: LogLine[] = [];
    let bytesLeft = PAGE_BYTES_MAX;
    for (const attempt of inOrder(attempts).filter(({ number }) => number >= attemptOfSeq(afterSeq))) {
      const after = attempt.number === attemptOfSeq(afterSeq) ? lineOfSeq(afterSeq) : 0;
      const page = await this.#withFile(job, attempt, (file, index) =>
        readPage(file, index, attempt, { after, limit: limit - lines.length, bytesMax: bytesLeft }),
      );
      if (page === null) continue;
      lines.push(...page.lines);
      bytesLeft -= page.bytes;
      if (page.more) return { lines, more: true };
    }
    return { lines, more: false };
  }

  async tail({ job, attempts, limit }: Omit<LogAsk, "afterSeq">): Promise<readonly LogLine[]> {
    let lines: LogLine[] = [];
    for (const attempt of inOrder(attempts).toReversed()) {
      if (lines.length >= limit) break;
      const wanted = limit - lines.length;
      const last = await this.#withFile(job, attempt, async (file, index) => {
        const after = Math.max(0, (await index.count(file)) - wanted);
        return readPage(file, index, attempt, { after, limit: wanted, bytesMax: Infinity });
      });
      if (last !== null) lines = [...last.lines, ...lines];
    }
    return lines;
  }

  async remove(jobs: readonly string[]): Promise<void> {
    for (const job of jobs) {
      for (const { path } of await attemptFolders(this.#dataDir, job)) await rm(filesOf(path).log, { force: true });
      const folder = join(jobFolder(this.#dataDir, job), "/");
      for (const path of this.#indexes.keys()) if (path.startsWith(folder)) this.#indexes.delete(path);
    }
  }

  async #withFile<T>(job: string, attempt: Attempt, use: (file: FileHandle, index: LineIndex) => Promise<T>): Promise<T | null> {
    const path = filesOf(attemptFolder(this.#dataDir, job, attempt.number, attempt.id)).log;
    const file = await open(path).catch(nullIfAbsent);
    if (file === null) return null;
    try {
      return await use(file, this.#indexOf(path));
    } finally {
      await file.close();
    }
  }

  #indexOf(path: string): LineIndex {
    const index = this.#indexes.get(path) ?? new LineIndex();
    this.#indexes.delete(path);
    this.#indexes.set(path, index);
    const [oldest] = this.#indexes.keys();
    if (this.#indexes.size > INDEXES_MAX && oldest !== undefined) this.#indexes.delete(oldest);
    return index;
  }
}

const inOrder = (attempts: readonly Attempt[]): Attempt[] => attempts.toSorted((a, b) => a.number - b.number);

interface PageOfFile {
  readonly lines: LogLine[];
  readonly bytes: number;
  readonly more: boolean;
}

async function readPage(
  file: FileHandle,
  index: LineIndex,
  attempt: Attempt,
  ask: { after: number; limit: number; bytesMax: number },
): Promise<PageOfFile> {
  const { records, more, bytes } = await index.read(file, ask);
  const lines = records.map((record, place) => ({
    ...parseRecord(record),
    seq: seqOf(attempt.number, ask.after + place + 1),
    attempt: attempt.number,
  }));
  return { lines, bytes, more };
}
