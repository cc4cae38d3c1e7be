// In the function's thread: checkpoints are read and saved by asking the main thread.
import { join } from "node:path";
import type { JsonText } from "../../../domain/json.ts";
import type { AttemptPlace } from "../../../functions/attempt-files.ts";
import type { CheckpointAnswer, CheckpointQuestion } from "./messages.ts";

export class Checkpoints {
  readonly #folder: string;
  readonly #ask: (question: CheckpointQuestion) => void;
  readonly #open = new Map<number, PromiseWithResolvers<JsonText | undefined>>();
  #last = 0;

  constructor(folder: string, ask: (question: CheckpointQuestion) => void) {
    this.#folder = folder;
    this.#ask = ask;
  }

  placeOf(attemptId: string): AttemptPlace {
    return {
      folder: join(this.#folder, attemptId),
      readCheckpoint: () => this.#answerTo(null),
      saveCheckpoint: async (text) => void (await this.#answerTo(text)),
    };
  }

  hear({ id, text, error }: CheckpointAnswer): void {
    const question = this.#open.get(id);
    this.#open.delete(id);
    if (error === undefined) question?.resolve(text);
    else question?.reject(new Error(`The checkpoint: ${error}`));
  }

  #answerTo(save: JsonText | null): Promise<JsonText | undefined> {
    const question = Promise.withResolvers<JsonText | undefined>();
    this.#open.set(++this.#last, question);
    this.#ask({ id: this.#last, save });
    return question.promise;
  }
}
