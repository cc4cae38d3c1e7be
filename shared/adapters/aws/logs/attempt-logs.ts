/*
 * Log lines of attempts, in chunks as they came: small ones as items beside the job's own, larger ones as objects. A chunk is
 * keyed by the number of its first line, so that the same chunk again changes nothing.
 */
import { parseRecord } from "../../../attempt/log-format.ts";
import { attemptOfSeq, lineOfSeq, seqOf, type LogLine } from "../../../domain/log.ts";
import type { AttemptRef } from "../../../ports/attempt-storage.ts";
import type { LogAsk, Logs } from "../../../ports/platform.ts";
import { jobPk, padded } from "../dynamodb/keys.ts";
import type { Table } from "../dynamodb/table.ts";
import { logKey } from "../s3/keys.ts";
import type { Objects } from "../s3/objects.ts";

/** Larger chunks cost less as objects. */
const ITEM_BYTES_MAX = 8 * 1024;
const CHUNKS_PER_LOOK = 20;

interface Chunk {
  /** Lines of the attempt before it. */
  readonly from: number;
  readonly records: readonly string[];
}

type Attempt = LogAsk["attempts"][number];

const chunkPrefix = (attemptId: string): string => `L#${attemptId}#`;

export class AttemptLogs implements Logs {
  readonly #table: Table;
  readonly #objects: Objects;
  readonly #uidOf: (job: string) => Promise<string | null>;

  constructor(table: Table, objects: Objects, uidOf: (job: string) => Promise<string | null>) {
    this.#table = table;
    this.#objects = objects;
    this.#uidOf = uidOf;
  }

  async append({ job, attemptId }: AttemptRef, from: number, records: string): Promise<void> {
    const uid = await this.#uidOf(job);
    if (uid === null || records === "") return;
    const key = { pk: jobPk(uid), sk: `${chunkPrefix(attemptId)}${padded(from)}` };
    if (Buffer.byteLength(records) <= ITEM_BYTES_MAX) return this.#table.put(key, { records });
    await this.#objects.putText(logKey(uid, attemptId, padded(from)), records);
    await this.#table.put(key, { isObject: true });
  }

  async read({ job, attempts, afterSeq, limit }: LogAsk): Promise<{ readonly lines: readonly LogLine[]; readonly more: boolean }> {
    const uid = await this.#uidOf(job);
    const lines: LogLine[] = [];
    for (const attempt of uid === null ? [] : inOrder(attempts).filter(({ number }) => number >= attemptOfSeq(afterSeq))) {
      let after = attempt.number === attemptOfSeq(afterSeq) ? lineOfSeq(afterSeq) : 0;
      for await (const chunk of this.#chunks(uid!, attempt, after)) {
        for (const line of linesOf(attempt, chunk, after)) {
          if (lines.length === limit) return { lines, more: true };
          lines.push(line);
        }
        after = Math.max(after, chunk.from + chunk.records.length);
      }
    }
    return { lines, more: false };
  }

  async tail({ job, attempts, limit }: Omit<LogAsk, "afterSeq">): Promise<readonly LogLine[]> {
    const uid = await this.#uidOf(job);
    let lines: LogLine[] = [];
    for (const attempt of uid === null ? [] : inOrder(attempts).toReversed()) {
      let before = Infinity;
      for await (const chunk of this.#chunksBackwards(uid!, attempt)) {
        if (lines.length >= limit) return lines.slice(-limit);
        const fresh = linesOf(attempt, chunk, 0).filter(({ seq }) => seq < before);
        lines = [...fresh, ...lines];
        before = fresh[0]?.seq ?? before;
      }
    }
    return limit === 0 ? [] : lines.slice(-limit);
  }

  /** They lie beside the job and under its prefix, which the store removes with it. */
  async remove(): Promise<void> {}

  /** Beginning with the chunk that holds the line after `after`. */
  async *#chunks(uid: string, { id }: Attempt, after: number): AsyncGenerator<Chunk> {
    const prefix = chunkPrefix(id);
    const pk = jobPk(uid);
    const [first] = await this.#table.query({ pk, low: prefix, high: `${prefix}${padded(after)}`, order: "desc", limit: 1 });
    let low = first ? (first.sk as string) : prefix;
    for (let isFirst = true; ; isFirst = false) {
      const items = await this.#table.query({ pk, low, high: `${prefix}~`, limit: CHUNKS_PER_LOOK });
      const fresh = isFirst ? items : items.filter(({ sk }) => sk !== low);
      for (const item of fresh) yield await this.#chunkOf(uid, id, item);
      if (items.length < CHUNKS_PER_LOOK) return;
      low = items.at(-1)!.sk as string;
    }
  }

  async *#chunksBackwards(uid: string, { id }: Attempt): AsyncGenerator<Chunk> {
    const prefix = chunkPrefix(id);
    let high = `${prefix}~`;
    for (;;) {
      const items = await this.#table.query({ pk: jobPk(uid), low: prefix, high, order: "desc", limit: CHUNKS_PER_LOOK });
      const fresh = items.filter(({ sk }) => sk !== high);
      for (const item of fresh) yield await this.#chunkOf(uid, id, item);
      if (items.length < CHUNKS_PER_LOOK) return;
      high = items.at(-1)!.sk as string;
    }
  }

  async #chunkOf(uid: string, attemptId: string, item: Record<string, unknown>): Promise<Chunk> {
    const line = (item.sk as string).slice(chunkPrefix(attemptId).length);
    const records = item.isObject === true ? await this.#objects.text(logKey(uid, attemptId, line)) : (item.records as string);
    return { from: Number(line), records: (records ?? "").split("\n").slice(0, -1) };
  }
}

const inOrder = (attempts: readonly Attempt[]): Attempt[] => attempts.toSorted((a, b) => a.number - b.number);

const linesOf = ({ number }: Attempt, { from, records }: Chunk, after: number): LogLine[] =>
  records.flatMap((record, index) => {
    const line = from + index + 1;
    return line <= after ? [] : [{ ...parseRecord(record), seq: seqOf(number, line), attempt: number }];
  });
