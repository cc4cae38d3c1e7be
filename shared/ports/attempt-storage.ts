// What attempts that run elsewhere leave behind, by way of the attempt protocol.
import type { JsonText } from "../domain/json.ts";
import type { AnnouncedFile, Upload } from "../domain/upload.ts";

export interface AttemptRef {
  readonly job: string;
  readonly attemptId: string;
  readonly number: number;
}

export interface AttemptStorage {
  /** Records of log-format.ts, beginning with the attempt's line `from` (0 = its first). The same lines may come again. */
  appendLog(attempt: AttemptRef, from: number, records: string): Promise<void>;
  artifactUploads(attempt: AttemptRef, files: readonly AnnouncedFile[]): Promise<(Upload & { readonly path: string })[]>;
  resultUpload(attempt: AttemptRef, bytes: number): Promise<Upload>;
  /** What was put where `resultUpload` said; null = nothing. */
  uploadedResult(attempt: AttemptRef): Promise<JsonText | null>;
  /** The latest that an attempt of the job saved; null = none did. */
  checkpoint(job: string): Promise<JsonText | null>;
  saveCheckpoint(attempt: AttemptRef, text: JsonText): Promise<void>;
}
