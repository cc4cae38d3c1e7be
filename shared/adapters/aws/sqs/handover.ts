// Turns go to the queue of their priority; times within 15 minutes to a queue that delays its messages.
import { setTimeout as wait } from "node:timers/promises";
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { MINUTE } from "../../../domain/duration.ts";
import type { Job } from "../../../domain/job.ts";
import type { QueueName, TurnQueue } from "../../../names.ts";
import type { Handover } from "../../../ports/handover.ts";

export const TurnMessage = z.object({ job: z.string(), attemptId: z.string(), isRepeated: z.boolean().optional() });
export type TurnMessage = z.infer<typeof TurnMessage>;
export const WakeMessage = z.object({ job: z.string() });

/** SQS's own limits: a delay of 15 minutes, ten messages a request. */
const DELAY_MAX_SECONDS = 900;
const MESSAGES_PER_REQUEST = 10;
const REQUESTS_AT_ONCE = 8;
const TRIES = 6;
const FIRST_WAIT_MS = 50;

/** Integer priorities are held by the named ones that are not above them. */
export function queueOf({ priority }: Pick<Job, "priority">): TurnQueue {
  if (priority < 0) return "low";
  if (priority < 100) return "medium";
  return priority < 1000 ? "high" : "critical";
}

export class SqsHandover implements Handover {
  readonly reachMs = 15 * MINUTE;
  readonly #client: SQSClient;
  readonly #urls: Readonly<Record<QueueName, string>>;

  constructor(client: SQSClient, urls: Readonly<Record<QueueName, string>>) {
    this.#client = client;
    this.#urls = urls;
  }

  async turns(jobs: readonly Job[], isRepeated = false): Promise<void> {
    for (const [queue, turns] of Map.groupBy(jobs, queueOf)) {
      const bodies = turns.map(({ id, attemptId }): TurnMessage => ({ job: id, attemptId: attemptId!, ...(isRepeated && { isRepeated }) }));
      await this.#sendAll(this.#urls[queue], bodies.map((body) => ({ MessageBody: JSON.stringify(body) }))); // prettier-ignore
    }
  }

  async wake(job: string, at: number): Promise<void> {
    const DelaySeconds = Math.min(DELAY_MAX_SECONDS, Math.max(0, Math.ceil((at - Date.now()) / 1000)));
    await this.#sendAll(this.#urls.wake, [{ MessageBody: JSON.stringify({ job }), DelaySeconds }]);
  }

  async #sendAll(url: string, messages: readonly Omit<SendMessageBatchRequestEntry, "Id">[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(messages.length / MESSAGES_PER_REQUEST) }, (_, batch) =>
      messages.slice(batch * MESSAGES_PER_REQUEST, (batch + 1) * MESSAGES_PER_REQUEST).map((message, index) => ({ Id: String(index), ...message })),
    ); // prettier-ignore
    const queue = batches.values();
    const worker = async () => {
      for (const batch of queue) await this.#send(url, batch);
    };
    await Promise.all(Array.from({ length: Math.min(REQUESTS_AT_ONCE, batches.length) }, worker));
  }

  /** A batch may be taken in part. */
  async #send(url: string, batch: readonly SendMessageBatchRequestEntry[]): Promise<void> {
    let left = batch;
    for (let tries = 1; left.length > 0; tries++) {
      const { Failed = [] } = await this.#client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [...left] }));
      const failed = new Set(Failed.map(({ Id }) => Id));
      left = left.filter(({ Id }) => failed.has(Id));
      if (left.length === 0) return;
      if (tries === TRIES) throw new Error(`SQS refused ${left.length} messages: ${Failed[0]?.Code} ${Failed[0]?.Message ?? ""}`);
      await wait(Math.random() * FIRST_WAIT_MS * 2 ** tries);
    }
  }
}
