// What wakes our functions by itself: queues and the table's stream.
import { streamFilters } from "../shared/adapters/aws/dynamodb/table-definition.ts";
import { turnQueues, type TurnQueue } from "../shared/names.ts";
import type { Inputs } from "./inputs.ts";
import { capital } from "./named.ts";
import type { Queues } from "./queues.ts";

const TURNS_PER_BATCH = 10;
const RECORDS_PER_BATCH = 100;
const RECORDS_GATHERED_SECONDS = 1;
/** Enough for a table that is away for minutes; then a batch is given to `undelivered`, so that one record does not hold the rest back for a day. */
const STREAM_TRIES = 50;

interface Woken {
  readonly dispatch: Readonly<Record<TurnQueue, sst.aws.Function>>;
  readonly wake: sst.aws.Function;
  readonly stream: sst.aws.Function;
}

export function eventSources({ dispatch, wake, stream }: Woken, table: sst.aws.Dynamo, queues: Queues, { quotas }: Inputs) {
  const fromQueue = (logical: string, queue: sst.aws.Queue, target: sst.aws.Function, maximumConcurrency: number) =>
    new aws.lambda.EventSourceMapping(logical, {
      eventSourceArn: queue.arn,
      functionName: target.name,
      batchSize: TURNS_PER_BATCH,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency },
    });
  for (const name of turnQueues) fromQueue(`${capital(name)}Source`, queues.turns[name], dispatch[name], quotas.concurrency[name]);
  fromQueue("WakeSource", queues.turns.wake, wake, quotas.concurrency.medium);
  new aws.lambda.EventSourceMapping("StreamSource", {
    eventSourceArn: table.nodes.table.streamArn,
    functionName: stream.name,
    // What was written before the mapping was there is told too.
    startingPosition: "TRIM_HORIZON",
    batchSize: RECORDS_PER_BATCH,
    // A short job's records come together, so that its events are written once: docs/cost.md.
    maximumBatchingWindowInSeconds: RECORDS_GATHERED_SECONDS,
    parallelizationFactor: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: STREAM_TRIES,
    destinationConfig: { onFailure: { destinationArn: queues.undelivered.arn } },
    filterCriteria: { filters: streamFilters.map((filter) => ({ pattern: JSON.stringify(filter) })) },
  });
}
