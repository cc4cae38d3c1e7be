// Texts of users: in an item as long as they are small, else elsewhere with a reference in the item.
import { ulid } from "ulid";
import type { FileName } from "../../../names.ts";
import type { Payloads } from "./payloads.ts";
import { unavailable } from "./unavailable.ts";

/** An item holds 400 KB at most, with all its attributes. */
const NEAR_BYTES_MAX = 64 * 1024;

/** As an attribute: the text, or the payload's key and the text's size. */
export type StoredText = string | { readonly at: string; readonly bytes: number };

export const isFar = (stored: unknown): stored is Exclude<StoredText, string> =>
  typeof stored === "object" && stored !== null && "at" in stored && "bytes" in stored;

export const bytesIn = (stored: StoredText): number => (isFar(stored) ? stored.bytes : Buffer.byteLength(stored));

/** Everything of a job, whoever wrote it, lies under this. */
export const jobFolder = (uid: string): FileName => `jobs/${uid}/`;

/** Whoever waits for a job reads it again and again. */
const REMEMBERED_BYTES_MAX = 24_000_000;

export class Texts {
  readonly #payloads: Payloads;
  /** Texts that lie elsewhere, the last used last: what a key names never changes. */
  readonly #remembered = new Map<string, string>();
  #rememberedBytes = 0;

  constructor(payloads: Payloads) {
    this.#payloads = payloads;
  }

  /** Under `name`, but never over what another writer put there: of two who settle one job, the second must not win here. */
  async store(name: FileName, text: string, nearBytesMax = NEAR_BYTES_MAX): Promise<StoredText> {
    const bytes = Buffer.byteLength(text);
    if (bytes <= nearBytesMax) return text;
    const at = `${name}-${ulid()}.json`;
    await available(this.#payloads.put(at, text));
    return { at, bytes };
  }

  /** Null if whoever removes its owner was faster. */
  async read(stored: StoredText): Promise<string | null> {
    if (!isFar(stored)) return stored;
    const text = this.#remembered.get(stored.at) ?? (await available(this.#payloads.get(stored.at)));
    if (text !== null) this.#remember(stored, text);
    return text;
  }

  #remember({ at, bytes }: Exclude<StoredText, string>, text: string): void {
    if (!this.#remembered.delete(at)) this.#rememberedBytes += bytes;
    this.#remembered.set(at, text);
    for (const [oldest, other] of this.#remembered) {
      if (this.#rememberedBytes <= REMEMBERED_BYTES_MAX) return;
      this.#remembered.delete(oldest);
      this.#rememberedBytes -= Buffer.byteLength(other);
    }
  }

  /** What was put for a write that was refused. */
  async forget(stored: readonly (StoredText | undefined)[]): Promise<void> {
    await Promise.all(stored.filter(isFar).map(({ at }) => this.removeAll(at)));
  }

  removeAll(prefix: string): Promise<void> {
    return available(this.#payloads.removeAll(prefix));
  }
}

async function available<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw unavailable(error);
  }
}
