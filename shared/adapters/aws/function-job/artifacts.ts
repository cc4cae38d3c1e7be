// Brings the files that an attempt left to where artifacts are kept.
import { existsSync, openAsBlob } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { artifactNames } from "../../../attempt/artifact-names.ts";
import { contentTypeOf } from "../../../attempt/content-type.ts";
import { upload, type AttemptClient } from "../../../attempt/protocol-client.ts";
import type { AnnouncedFile } from "../../../domain/upload.ts";

/** Each comes back with an address of a kilobyte. */
const ANNOUNCED_AT_A_TIME = 100;
const UPLOADS_AT_A_TIME = 4;

/** `folder` may not be there. @throws Error if one of them could not be stored, or the signal's reason */
export async function storeArtifacts(folder: string, client: AttemptClient, signal: AbortSignal): Promise<void> {
  if (!existsSync(folder)) return;
  const root = await realpath(folder);
  const names = await artifactNames(root);
  for (let from = 0; from < names.length; from += ANNOUNCED_AT_A_TIME) {
    const files = await Promise.all(names.slice(from, from + ANNOUNCED_AT_A_TIME).map((name) => described(root, name)));
    const uploads = [...(await client.announce(files, signal))];
    const work = async (): Promise<void> => {
      for (let next = uploads.pop(); next; next = uploads.pop()) await upload(next, await openAsBlob(join(root, next.path)), signal);
    };
    await Promise.all(Array.from({ length: UPLOADS_AT_A_TIME }, work));
  }
}

async function described(root: string, path: string): Promise<AnnouncedFile> {
  const { size } = await stat(join(root, path));
  return { path, size, contentType: contentTypeOf(path) };
}
