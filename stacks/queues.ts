// Turns wait in the queue of their priority until they are started, times within 15 minutes in another one. A message that fails five
// times goes to its queue's dead letters, from where functions/recover.ts takes it back. Encrypted by SQS, TLS only.
import { queues, type QueueName } from "../shared/names.ts";
import { capital, named } from "./named.ts";

/** Of a function that reads a queue. */
export const CONSUMER_TIMEOUT_SECONDS = 30;
/** As AWS advises: a batch that is throttled is tried again while its messages are still hidden. */
const VISIBILITY_SECONDS = 6 * CONSUMER_TIMEOUT_SECONDS;
const RECEIVES_MAX = 5;
const DEAD_LETTER_DAYS = 14;

/** What it cannot deliver goes to `undelivered` (execution-events.ts). */
export const EXECUTION_ENDED_RULE = "execution-ended";

export interface Queues {
  readonly turns: Readonly<Record<QueueName, sst.aws.Queue>>;
  readonly deadLetters: Readonly<Record<QueueName, sst.aws.Queue>>;
  /** What AWS could not deliver to a function of ours: records of the stream, events of rules, ticks of schedules. */
  readonly undelivered: sst.aws.Queue;
}

export function jobQueues(): Queues {
  const deadLetters = byQueue((name) => deadLetterQueue(`${capital(name)}DeadLetters`));
  const turns = byQueue((name) => {
    const queue = new sst.aws.Queue(`${capital(name)}Turns`, {
      visibilityTimeout: `${VISIBILITY_SECONDS} seconds`,
      dlq: { queue: deadLetters[name].arn, retry: RECEIVES_MAX },
      transform: { queue: { sqsManagedSseEnabled: true } },
    });
    onlyOverTls(`${capital(name)}Turns`, queue);
    return queue;
  });
  return { turns, deadLetters, undelivered: deadLetterQueue("Undelivered") };
}

const byQueue = (make: (name: QueueName) => sst.aws.Queue) =>
  Object.fromEntries(queues.map((name) => [name, make(name)])) as Record<QueueName, sst.aws.Queue>;

function deadLetterQueue(name: string) {
  const queue = new sst.aws.Queue(name, {
    transform: { queue: { messageRetentionSeconds: DEAD_LETTER_DAYS * 24 * 60 * 60, sqsManagedSseEnabled: true } },
  });
  onlyOverTls(name, queue, name === "Undelivered" ? [fromRule(queue, named(EXECUTION_ENDED_RULE))] : []);
  return queue;
}

function onlyOverTls(name: string, queue: sst.aws.Queue, more: object[] = []) {
  const refuseOthers = {
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:*",
    Resource: queue.arn,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  new aws.sqs.QueuePolicy(`${name}Policy`, {
    queueUrl: queue.url,
    policy: $jsonStringify({ Version: "2012-10-17", Statement: [refuseOthers, ...more] }),
  });
}

/** The rule itself is made after the queue that it needs. */
const fromRule = (queue: sst.aws.Queue, rule: string) => ({
  Effect: "Allow",
  Principal: { Service: "events.amazonaws.com" },
  Action: "sqs:SendMessage",
  Resource: queue.arn,
  Condition: {
    ArnEquals: {
      "aws:SourceArn": $interpolate`arn:aws:events:${aws.getRegionOutput().region}:${aws.getCallerIdentityOutput().accountId}:rule/${rule}`,
    },
  },
});
