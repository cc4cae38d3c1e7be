// Where attempts leave what is too large or too early for their answer.
import { RESULT_BYTES_MAX } from "../../../attempt/outcome.ts";
import type { JsonText } from "../../../domain/json.ts";
import type { AnnouncedFile, Upload } from "../../../domain/upload.ts";
import type { AttemptRef, AttemptStorage } from "../../../ports/attempt-storage.ts";
import type { AttemptLogs } from "../logs/attempt-logs.ts";
import { artifactKey, checkpointKey, uploadedResultKey } from "./keys.ts";
import type { Objects } from "./objects.ts";

export interface StorageParts {
  readonly objects: Objects;
  readonly logs: AttemptLogs;
  readonly uidOf: (job: string) => Promise<string | null>;
  /** The same, and from then on what lies under it is removed with the job. */
  readonly uidForFiles: (job: string) => Promise<string | null>;
}

const JSON_TYPE = "application/json";

export class S3AttemptStorage implements AttemptStorage {
  readonly #parts: StorageParts;

  constructor(parts: StorageParts) {
    this.#parts = parts;
  }

  appendLog(attempt: AttemptRef, from: number, records: string): Promise<void> {
    return this.#parts.logs.append(attempt, from, records);
  }

  async artifactUploads(attempt: AttemptRef, files: readonly AnnouncedFile[]): Promise<(Upload & { readonly path: string })[]> {
    const uid = there(await this.#parts.uidForFiles(attempt.job));
    return Promise.all(
      files.map(async ({ path, size, contentType }) => ({
        path,
        url: await this.#parts.objects.linkToPut(artifactKey(uid, attempt.number, path), size, contentType),
        headers: { "content-type": contentType },
      })),
    );
  }

  async resultUpload({ job, attemptId }: AttemptRef, bytes: number): Promise<Upload> {
    const uid = there(await this.#parts.uidForFiles(job));
    const url = await this.#parts.objects.linkToPut(uploadedResultKey(uid, attemptId), bytes, JSON_TYPE);
    return { url, headers: { "content-type": JSON_TYPE } };
  }

  async uploadedResult({ job, attemptId }: AttemptRef): Promise<JsonText | null> {
    const text = await this.#parts.objects.text(uploadedResultKey(there(await this.#parts.uidOf(job)), attemptId));
    return text === null || Buffer.byteLength(text) > RESULT_BYTES_MAX ? null : text;
  }

  async checkpoint(job: string): Promise<JsonText | null> {
    return this.#parts.objects.text(checkpointKey(there(await this.#parts.uidOf(job))));
  }

  async saveCheckpoint({ job }: AttemptRef, text: JsonText): Promise<void> {
    await this.#parts.objects.putText(checkpointKey(there(await this.#parts.uidForFiles(job))), text);
  }
}

/** A job that has an attempt is there. */
function there(uid: string | null): string {
  if (uid === null) throw new Error("the job was removed while its attempt ran");
  return uid;
}
