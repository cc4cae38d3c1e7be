// Files that attempts left behind, as objects.
import { ARTIFACTS_MAX } from "../../../attempt/collect.ts";
import { contentTypeOf } from "../../../attempt/content-type.ts";
import type { Artifacts, StoredArtifact } from "../../../ports/platform.ts";
import type { Page } from "../../../ports/store.ts";
import { artifactsPrefix } from "./keys.ts";
import type { Objects } from "./objects.ts";

/** Attempts whose files are looked at: each may have left as many as it may. */
const LISTED_MAX = 10 * ARTIFACTS_MAX;

interface Found extends StoredArtifact {
  readonly key: string;
}

export class S3Artifacts implements Artifacts {
  readonly #objects: Objects;
  readonly #uidOf: (job: string) => Promise<string | null>;

  constructor(objects: Objects, uidOf: (job: string) => Promise<string | null>) {
    this.#objects = objects;
    this.#uidOf = uidOf;
  }

  /** By path; of the same path the latest attempt's. `after` and `next` are paths. */
  async list(
    job: string,
    { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<Page<StoredArtifact>> {
    const all = (await this.#latest(job)).filter(({ path }) => after === undefined || path > after);
    const items = all.slice(0, limit).map(({ key: _key, ...artifact }) => artifact);
    return all.length > limit ? { items, next: items.at(-1)!.path } : { items };
  }

  async open(job: string, path: string): Promise<{ readonly artifact: StoredArtifact; readonly body: ReadableStream<Uint8Array> } | null> {
    const found = await this.#find(job, path);
    const body = found && (await this.#objects.stream(found.key));
    return found && body && { artifact: found, body };
  }

  async link(job: string, path: string): Promise<string | null> {
    const found = await this.#find(job, path);
    return found && this.#objects.linkToGet(found.key, found.contentType);
  }

  /** They lie under the job's own prefix, which the store removes with the job. */
  async remove(): Promise<void> {}

  async #find(job: string, path: string): Promise<Found | null> {
    return (await this.#latest(job)).find((artifact) => artifact.path === path) ?? null;
  }

  async #latest(job: string): Promise<Found[]> {
    const uid = await this.#uidOf(job);
    if (uid === null) return [];
    const prefix = artifactsPrefix(uid);
    const latest = new Map<string, Found>();
    for (const { key, size } of await this.#objects.list(prefix, LISTED_MAX)) {
      const rest = key.slice(prefix.length);
      const attempt = Number.parseInt(rest, 10);
      const path = rest.slice(rest.indexOf("/") + 1);
      if ((latest.get(path)?.attempt ?? 0) < attempt) latest.set(path, { path, size, contentType: contentTypeOf(path), attempt, key });
    }
    return [...latest.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }
}
