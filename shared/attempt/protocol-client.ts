// The attempt protocol from the attempt's side: what runs elsewhere asks for what it is given, says that it lives, and leaves what
// it made. Everything may be said twice.
import type { Json, JsonText } from "../domain/json.ts";
import type { ProgressNews } from "../domain/progress.ts";
import type { AnnouncedFile, Upload } from "../domain/upload.ts";
import type { AttemptGiven, FunctionCall } from "./function-call.ts";
import { persistentFetch } from "./persistent-fetch.ts";

export interface BeatAnswer {
  /** Somebody asked for the job's end. */
  readonly cancel: boolean;
  /** False = the attempt is over, or another has taken its place. */
  readonly isCurrent: boolean;
}

/** The attempt is over, or another has taken its place, or its token is: whatever it does is for nobody. */
export class NotCurrent extends Error {
  override readonly name = "NotCurrent";
}

const REQUEST_MS = 10_000;
const UPLOAD_MS = 30_000;
/** So slow a connection is not waited for. */
const UPLOAD_BYTES_PER_MS = 250;

export interface ClientOptions extends Readonly<FunctionCall["api"]> {
  readonly attemptId: string;
}

/**
 * Each call tries several times. It throws `NotCurrent`; the signal's reason; or an Error whose message says what the API answered.
 */
export class AttemptClient {
  readonly #base: string;
  readonly #token: string;

  constructor({ url, token, attemptId }: ClientOptions) {
    this.#base = `${url.replace(/\/+$/, "")}/v1/attempts/${encodeURIComponent(attemptId)}`;
    this.#token = token;
  }

  given(signal?: AbortSignal): Promise<AttemptGiven> {
    return this.#ask("GET", "", undefined, signal) as Promise<AttemptGiven>;
  }

  /** A beat that is refused says that the attempt is not current. */
  async beat(progress: ProgressNews | null, signal?: AbortSignal): Promise<BeatAnswer> {
    const answer = this.#ask("POST", "/beat", progress === null ? {} : { progress }, signal) as Promise<BeatAnswer>;
    return answer.catch((error: unknown) => {
      if (error instanceof NotCurrent) return { cancel: false, isCurrent: false };
      throw error;
    });
  }

  /** `from`: how many lines of the attempt's log come before these records. */
  async logs(from: number, records: string, signal?: AbortSignal): Promise<void> {
    await this.#ask("POST", "/logs", { from, records }, signal);
  }

  /** What this attempt or the latest one before it saved. */
  async checkpoint(): Promise<JsonText | undefined> {
    const { checkpoint } = (await this.#ask("GET", "/checkpoint")) as { checkpoint?: Json };
    return checkpoint === undefined ? undefined : JSON.stringify(checkpoint);
  }

  /** Stored once it resolves. */
  async saveCheckpoint(text: JsonText): Promise<void> {
    await this.#send("POST", "/checkpoint", `{"checkpoint":${text}}`);
  }

  async announce(files: readonly AnnouncedFile[], signal?: AbortSignal): Promise<readonly (Upload & { readonly path: string })[]> {
    const { uploads } = (await this.#ask("POST", "/artifacts", { files }, signal)) as { uploads: (Upload & { path: string })[] };
    return uploads;
  }

  result(bytes: number, signal?: AbortSignal): Promise<Upload> {
    return this.#ask("POST", "/result", { bytes }, signal) as Promise<Upload>;
  }

  #ask(method: "GET" | "POST", path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
    return this.#send(method, path, body && JSON.stringify(body), signal);
  }

  async #send(method: "GET" | "POST", path: string, body?: string, signal?: AbortSignal): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.#token}`, ...(body !== undefined && { "content-type": "application/json" }) };
    const init: RequestInit = body === undefined ? { method, headers } : { method, headers, body };
    const answer = await persistentFetch(this.#base + path, init, { timeoutMs: REQUEST_MS, signal });
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const { code, detail = `HTTP ${answer.status}` } = await problemOf(answer);
    const isOver = [401, 403, 409].includes(answer.status) || code === "attempt.not_found";
    throw isOver ? new NotCurrent(detail) : new Error(`${method} ${path || "/"} of the attempt: ${detail}`);
  }
}

/** @throws Error if it is refused, or the signal's reason */
export async function upload({ url, headers }: Upload, body: Blob, signal?: AbortSignal): Promise<void> {
  const timeoutMs = UPLOAD_MS + Math.ceil(body.size / UPLOAD_BYTES_PER_MS);
  const answer = await persistentFetch(url, { method: "PUT", headers, body }, { timeoutMs, signal });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the upload was refused: HTTP ${answer.status}`);
}

async function problemOf(answer: Response): Promise<{ readonly code?: string; readonly detail?: string }> {
  return answer.json().then((body) => body as { code?: string; detail?: string }, () => ({})); // prettier-ignore
}
