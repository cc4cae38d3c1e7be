// The only file that sends requests. Everything is bounded, retried where DynamoDB asks for it, and failures get one name.
import { randomUUID } from "node:crypto";
import {
  BatchGetItemCommand, BatchWriteItemCommand, ConditionalCheckFailedException, DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand,
  TransactionCanceledException, TransactWriteItemsCommand, UpdateItemCommand, type AttributeValue, type DynamoDBClient,
} from "@aws-sdk/client-dynamodb"; // prettier-ignore
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { MINUTE } from "../../../domain/duration.ts";
import { SwitchyardError } from "../../../domain/errors.ts";
import { absent, Expression, marshalled, type Changes, type Condition, type Item } from "./expression.ts";
import type { Key } from "./keys.ts";
import { breather, retried } from "./retry.ts";
import { writeOne } from "./single-write.ts";
import { indexKeys, type IndexName } from "./table-definition.ts";
import { transactItem, type Transaction } from "./transaction.ts";
import { unavailable } from "./unavailable.ts";

const KEYS_PER_GET = 100;
const WRITES_PER_BATCH = 25;
const ITEMS_PER_PAGE = 1000;
/** So long an announcement is known to be fresh enough (`ANNOUNCED_MS_MIN`). */
const ANNOUNCED_AGAIN_MS = 2 * MINUTE;
const ANNOUNCED_MAX = 10_000;

export interface Query {
  readonly pk: string;
  /** Both included. */
  readonly low: string;
  readonly high: string;
  readonly limit: number;
  readonly order?: "asc" | "desc" | undefined;
  /** Reads of an index lag; all others are strong. */
  readonly index?: IndexName | undefined;
}

/** Behind every key that starts with the prefix. */
export const startingWith = (prefix: string): { low: string; high: string } => ({ low: prefix, high: `${prefix}\uffff` });

export class Table {
  readonly #client: DynamoDBClient;
  readonly #name: string;
  readonly #announced = new Map<string, number>();

  constructor(client: DynamoDBClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async get(key: Key): Promise<Item | null> {
    const { Item } = await this.#send(() =>
      this.#client.send(new GetItemCommand({ TableName: this.#name, Key: marshalled({ ...key }), ConsistentRead: true })),
    );
    return Item ? unmarshall(Item) : null;
  }

  /** In the order of the keys; null = not there. */
  async getAll(keys: readonly Key[]): Promise<(Item | null)[]> {
    const unique = [...new Map(keys.map((key) => [idOf(key), key])).values()];
    const pages = Array.from({ length: Math.ceil(unique.length / KEYS_PER_GET) }, (_, page) =>
      unique.slice(page * KEYS_PER_GET, (page + 1) * KEYS_PER_GET),
    );
    const found = new Map(
      (await Promise.all(pages.map((page) => this.#getPage(page)))).flat().map((item) => [idOf(item as unknown as Key), item]),
    );
    return keys.map((key) => found.get(idOf(key)) ?? null);
  }

  async #getPage(keys: readonly Key[]): Promise<Item[]> {
    const items: Item[] = [];
    let asked: Record<string, AttributeValue>[] = keys.map((key) => marshalled({ ...key }));
    while (asked.length > 0) {
      const request = { [this.#name]: { Keys: asked, ConsistentRead: true } };
      const { Responses, UnprocessedKeys } = await this.#send(() => this.#client.send(new BatchGetItemCommand({ RequestItems: request })));
      items.push(...(Responses?.[this.#name] ?? []).map((item) => unmarshall(item)));
      asked = UnprocessedKeys?.[this.#name]?.Keys ?? [];
      if (asked.length > 0) await breather();
    }
    return items;
  }

  /** At most `limit` items: DynamoDB's own pages of 1 MB are put together. */
  async query({ pk, low, high, limit, order, index }: Query): Promise<Item[]> {
    const items: Item[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const expression = new Expression();
      const KeyConditionExpression = expression.between(index ? indexKeys[index] : { pk: "pk", sk: "sk" }, pk, low, high);
      const page = await this.#send(() =>
        this.#client.send(
          new QueryCommand({
            TableName: this.#name, KeyConditionExpression, Limit: Math.min(ITEMS_PER_PAGE, limit - items.length), ScanIndexForward: order !== "desc",
            ...(index ? { IndexName: index } : { ConsistentRead: true }), ...(start && { ExclusiveStartKey: start }), ...expression.placeholders,
          }), // prettier-ignore
        ),
      );
      items.push(...(page.Items ?? []).map((item) => unmarshall(item)));
      start = page.LastEvaluatedKey;
    } while (start && items.length < limit);
    return items;
  }

  /** Answers the keys whose conditions did not hold; none = written. */
  async transact(transaction: Transaction): Promise<Key[]> {
    if (!transaction.fits)
      throw new SwitchyardError("payload.too_large", "The change is larger than the store writes at once (100 records, 3 MB).");
    await this.#announce(transaction.announced);
    const [only, ...others] = transaction.writes;
    if (!only) return [];
    if (others.length > 0) return this.#together(transaction);
    return (await writeOne(this.#client, this.#name, only)) ? [] : [only.key];
  }

  /** An unknown outcome is resolved by the token. */
  async #together({ writes }: Transaction): Promise<Key[]> {
    const input = { TransactItems: writes.map((write) => transactItem(this.#name, write)), ClientRequestToken: randomUUID() };
    try {
      await retried(() => this.#client.send(new TransactWriteItemsCommand(input)));
      return [];
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw unavailable(error);
      const reasons = error.CancellationReasons ?? [];
      const failed = writes.filter((_, index) => reasons[index]?.Code === "ConditionalCheckFailed").map(({ key }) => key);
      if (failed.length === 0) throw unavailable(error);
      return failed;
    }
  }

  async #announce(keys: readonly Key[]): Promise<void> {
    const now = Date.now();
    const news = keys.filter((key) => (this.#announced.get(idOf(key)) ?? 0) + ANNOUNCED_AGAIN_MS < now);
    await Promise.all(news.map((key) => this.put(key, { at: now })));
    if (this.#announced.size > ANNOUNCED_MAX) this.#announced.clear();
    for (const key of news) this.#announced.set(idOf(key), now);
  }

  /** False if the condition did not hold. */
  async update(key: Key, changes: Changes, condition: Condition): Promise<boolean> {
    const expression = new Expression();
    const input = { TableName: this.#name, Key: marshalled({ ...key }), UpdateExpression: expression.update(changes), ConditionExpression: expression.condition(condition), ...expression.placeholders }; // prettier-ignore
    return this.#conditional(() => this.#client.send(new UpdateItemCommand(input)));
  }

  async delete(key: Key, condition: Condition): Promise<boolean> {
    const expression = new Expression();
    const input = {
      TableName: this.#name,
      Key: marshalled({ ...key }),
      ConditionExpression: expression.condition(condition),
      ...expression.placeholders,
    };
    return this.#conditional(() => this.#client.send(new DeleteItemCommand(input)));
  }

  async put(key: Key, item: Item): Promise<void> {
    await this.#send(() => this.#client.send(new PutItemCommand({ TableName: this.#name, Item: marshalled({ ...item, ...key }) })));
  }

  /** False if there is one already, perhaps by this very call, should its first answer have been lost. */
  async putNew(key: Key, item: Item): Promise<boolean> {
    const expression = new Expression();
    const condition = { ConditionExpression: expression.condition(absent), ...expression.placeholders };
    const input = { TableName: this.#name, Item: marshalled({ ...item, ...key }), ...condition };
    return this.#conditional(() => this.#client.send(new PutItemCommand(input)));
  }

  async #conditional(send: () => Promise<unknown>): Promise<boolean> {
    try {
      await retried(send);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw unavailable(error);
    }
  }

  /** Not together: for what nobody sees before something else is written, or is to go. */
  async writeAll(puts: readonly (Item & Key)[], deletes: readonly Key[] = []): Promise<void> {
    const requests = [
      ...puts.map((item) => ({ PutRequest: { Item: marshalled(item) } })),
      ...deletes.map(({ pk, sk }) => ({ DeleteRequest: { Key: marshalled({ pk, sk }) } })),
    ];
    const pages = Array.from({ length: Math.ceil(requests.length / WRITES_PER_BATCH) }, (_, page) =>
      requests.slice(page * WRITES_PER_BATCH, (page + 1) * WRITES_PER_BATCH),
    );
    await inTurn(pages, 8, async (page) => {
      for (let left = page; left.length > 0;) {
        const request = { [this.#name]: left };
        const { UnprocessedItems } = await this.#send(() => this.#client.send(new BatchWriteItemCommand({ RequestItems: request })));
        left = (UnprocessedItems?.[this.#name] ?? []) as typeof left;
        if (left.length > 0) await breather();
      }
    });
  }

  async #send<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await retried(send);
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/** Nobody removes an announcement that is younger: its transaction may still be on its way. */
export const ANNOUNCED_MS_MIN = 10 * MINUTE;

const idOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

/** At most `width` at a time. */
export async function inTurn<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
