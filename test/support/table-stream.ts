// Feeds a relay from a table's stream as Lambda would: shard by shard, in order, and again whatever failed.
import { setTimeout as wait } from "node:timers/promises";
import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand, DynamoDBStreamsClient, ExpiredIteratorException, GetRecordsCommand, GetShardIteratorCommand, TrimmedDataAccessException, type _Record,
} from "@aws-sdk/client-dynamodb-streams"; // prettier-ignore
import type { Relay } from "../../shared/adapters/aws/dynamodb/index.ts";

/** Between two looks at a stream in which nothing comes, growing. */
const PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

export interface FedRelay {
  stop(): Promise<void>;
}

/** Null = the shard is closed, and read to its end. */
interface Shard {
  iterator: string | null;
  last: string | null;
}

export async function feedRelay(client: DynamoDBClient, tableName: string, relay: Pick<Relay, "take">): Promise<FedRelay> {
  const { endpoint, region, credentials } = client.config;
  const streams = new DynamoDBStreamsClient({ region, credentials, ...(endpoint && { endpoint: await endpoint() }) });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const StreamArn = Table!.LatestStreamArn!;
  const shards = new Map<string, Shard>();
  let isStopped = false;

  async function lookForShards(): Promise<void> {
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    for (const { ShardId } of StreamDescription?.Shards ?? []) {
      if (!shards.has(ShardId!)) shards.set(ShardId!, { iterator: await iteratorOf(ShardId!, null), last: null });
    }
  }

  async function iteratorOf(ShardId: string, last: string | null): Promise<string | null> {
    const from =
      last === null
        ? { ShardIteratorType: "TRIM_HORIZON" as const }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER" as const, SequenceNumber: last };
    return (await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...from }))).ShardIterator ?? null;
  }

  async function next(name: string, shard: Shard): Promise<_Record[]> {
    try {
      const { Records = [], NextShardIterator = null } = await streams.send(new GetRecordsCommand({ ShardIterator: shard.iterator! }));
      shard.iterator = NextShardIterator;
      return Records;
    } catch (error) {
      // An iterator of a shard in which nothing was yet goes bad at times.
      if (!(error instanceof TrimmedDataAccessException || error instanceof ExpiredIteratorException)) throw error;
      shard.iterator = await iteratorOf(name, shard.last);
      return [];
    }
  }

  /** Answers how many records came. */
  async function feed(name: string, shard: Shard): Promise<number> {
    const records = shard.iterator === null ? [] : await next(name, shard);
    for (let left = records; left.length > 0 && !isStopped;) {
      const { failed } = await relay.take(left);
      if (failed.length > 0) await wait(PAUSE_MS);
      left = failed.length === 0 ? [] : left.slice(left.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed[0]));
    }
    shard.last = records.at(-1)?.dynamodb?.SequenceNumber ?? shard.last;
    return records.length;
  }

  async function run(): Promise<void> {
    for (let pause = PAUSE_MS; !isStopped;) {
      if ([...shards.values()].every(({ iterator }) => iterator === null)) await lookForShards();
      let count = 0;
      for (const [name, shard] of shards) count += await feed(name, shard);
      if (count === 0) await wait(pause);
      pause = count === 0 ? Math.min(LONGEST_PAUSE_MS, pause * 2) : PAUSE_MS;
    }
  }

  const running = run();
  running.catch((error: unknown) => console.error("the table's stream is read no more:", error));
  return {
    stop: async () => {
      isStopped = true;
      await running.catch(() => undefined);
      streams.destroy();
    },
  };
}
