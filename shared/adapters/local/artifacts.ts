// The files that attempts of a job left behind. Jobs make these folders: links in them are followed only within them.
import { constants } from "node:fs";
import { open, realpath, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { nullIfAbsent } from "../../attempt/absent.ts";
import { artifactNames } from "../../attempt/artifact-names.ts";
import { within } from "../../attempt/collect.ts";
import { contentTypeOf } from "../../attempt/content-type.ts";
import { attemptFolders, filesOf, jobFolder } from "../../attempt/folder.ts";
import type { Artifacts, StoredArtifact } from "../../ports/platform.ts";
import type { Page } from "../../ports/store.ts";

export class LocalArtifacts implements Artifacts {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** By path; of the same path the latest attempt's. `after` and `next` are paths. */
  async list(
    job: string,
    { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  ): Promise<Page<StoredArtifact>> {
    const attempts = new Map<string, { attempt: number; file: string }>();
    for (const { attempt, path } of await attemptFolders(this.#dataDir, job)) {
      const root = await realpath(filesOf(path).artifacts).catch(nullIfAbsent);
      for (const name of root === null ? [] : await artifactNames(root)) {
        if (!attempts.has(name)) attempts.set(name, { attempt, file: join(root!, name) });
      }
    }
    const names = [...attempts.keys()].filter((name) => after === undefined || name > after).toSorted((a, b) => (a < b ? -1 : 1));
    const items: StoredArtifact[] = [];
    for (const path of names.slice(0, limit)) {
      const { attempt, file } = attempts.get(path)!;
      const found = await stat(file).catch(nullIfAbsent);
      if (found !== null) items.push({ path, size: found.size, contentType: contentTypeOf(path), attempt, file });
    }
    const last = names.length > limit ? names[limit - 1] : undefined;
    return last === undefined ? { items } : { items, next: last };
  }

  async open(job: string, path: string): Promise<{ readonly artifact: StoredArtifact; readonly body: ReadableStream<Uint8Array> } | null> {
    if (path === "" || path.includes("\0") || path.split("/").some((part) => part === "" || part === "." || part === "..")) return null;
    for (const { attempt, path: folder } of await attemptFolders(this.#dataDir, job)) {
      const root = await realpath(filesOf(folder).artifacts).catch(nullIfAbsent);
      const file = root === null ? null : await within([root], join(root, path));
      if (file === null || !(await stat(file).catch(nullIfAbsent))?.isFile()) continue;
      const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(nullIfAbsent);
      if (handle === null) continue;
      const { size } = await handle.stat();
      const artifact = { path, size, contentType: contentTypeOf(path), attempt };
      return { artifact, body: await bodyOf(handle, size) };
    }
    return null;
  }

  /** Everything that attempts of these jobs left, logs too. */
  async remove(jobs: readonly string[]): Promise<void> {
    for (const job of jobs) await rm(jobFolder(this.#dataDir, job), { recursive: true, force: true });
  }
}

/** No more than the size that was told, should the job still write. */
async function bodyOf(file: FileHandle, size: number): Promise<ReadableStream<Uint8Array>> {
  if (size > 0) return Readable.toWeb(file.createReadStream({ end: size - 1 })) as ReadableStream<Uint8Array>;
  await file.close();
  return new Blob([]).stream() as ReadableStream<Uint8Array>;
}
