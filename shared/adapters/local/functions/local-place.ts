// Where an attempt of a function has its files on this machine.
import { mkdirSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { attemptFolder, carryCheckpoint, filesOf } from "../../../attempt/folder.ts";
import type { JsonText } from "../../../domain/json.ts";
import type { AttemptPlace } from "../../../functions/attempt-files.ts";
import type { Call } from "../../../functions/call.ts";

export class LocalPlace implements AttemptPlace {
  readonly #dataDir: string;
  readonly #call: Pick<Call, "attemptId" | "attempt" | "job">;

  constructor(dataDir: string, { attemptId, attempt, job }: Pick<Call, "attemptId" | "attempt" | "job">) {
    this.#dataDir = dataDir;
    // Not all of it: words may come long after the end, and params may be large.
    this.#call = { attemptId, attempt, job };
  }

  get folder(): string {
    const { attemptId, attempt, job } = this.#call;
    return attemptFolder(this.#dataDir, job.id, attempt, attemptId);
  }

  async readCheckpoint(): Promise<JsonText | undefined> {
    const { checkpoint } = filesOf(this.folder);
    const own = await textOf(checkpoint);
    if (own !== undefined || this.#call.attempt === 1) return own;
    mkdirSync(this.folder, { recursive: true });
    await carryCheckpoint(this.#dataDir, this.#call.job.id, this.#call.attempt, checkpoint);
    return textOf(checkpoint);
  }

  async saveCheckpoint(text: JsonText): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const { checkpoint } = filesOf(this.folder);
    await writeFile(`${checkpoint}.new`, text, { flush: true });
    await rename(`${checkpoint}.new`, checkpoint);
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
