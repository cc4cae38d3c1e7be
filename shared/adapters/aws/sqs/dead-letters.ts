// Messages that were tried in vain. A turn that could not be begun is a lost attempt, so that a job that breaks whoever starts it
// spends its own losses; a time is looked at again.
import { DeleteMessageCommand, ReceiveMessageCommand, type Message, type SQSClient } from "@aws-sdk/client-sqs";
import { queues, type QueueName } from "../../../names.ts";
import { TurnMessage, WakeMessage } from "./handover.ts";

export interface DeadLetters {
  readonly client: SQSClient;
  readonly urls: Readonly<Record<QueueName, string>>;
  readonly lostTurn: (turn: TurnMessage) => Promise<void>;
  readonly missedTime: (job: string) => Promise<void>;
}

const MESSAGES_PER_REQUEST = 10;
/** Requests of one round and queue; the next one goes on. */
const REQUESTS_MAX = 20;

/** Answers how many were handled. */
export async function drainDeadLetters(letters: DeadLetters): Promise<number> {
  const counts = await Promise.all(queues.map((queue) => drain(letters, queue)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function drain(letters: DeadLetters, queue: QueueName): Promise<number> {
  const QueueUrl = letters.urls[queue];
  let count = 0;
  for (let request = 0; request < REQUESTS_MAX; request++) {
    const { Messages = [] } = await letters.client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: MESSAGES_PER_REQUEST }));
    if (Messages.length === 0) return count;
    for (const message of Messages) {
      await handle(letters, queue, message);
      await letters.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      count++;
    }
  }
  return count;
}

async function handle({ lostTurn, missedTime }: DeadLetters, queue: QueueName, { Body, MessageId }: Message): Promise<void> {
  const shape = queue === "wake" ? WakeMessage : TurnMessage;
  const parsed = shape.safeParse(jsonOf(Body));
  if (!parsed.success) return console.error(`switchyard: the message ${MessageId} of ${queue} is none of ours: ${Body}`);
  await (queue === "wake" ? missedTime(parsed.data.job) : lostTurn(parsed.data as TurnMessage));
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
