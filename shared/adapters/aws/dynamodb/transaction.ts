// Writes that happen together. Additions to one counter become one write: a transaction may touch an item only once.
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { Expression, marshalled, type Changes, type Condition, type Item } from "./expression.ts";
import { anyCounter, type Key } from "./keys.ts";

/** DynamoDB's limits are 100 writes and 4 MB; the size here is that of the JSON, which is a little less. */
export const TRANSACTION_WRITES = 100;
export const TRANSACTION_BYTES = 3_000_000;

export type Write =
  | { readonly key: Key; readonly put: Item; readonly condition?: Condition | undefined }
  | { readonly key: Key; readonly changes: Changes; readonly condition?: Condition | undefined }
  | { readonly key: Key; readonly isDelete: true; readonly condition?: Condition | undefined }
  | { readonly key: Key; readonly isCheck: true; readonly condition: Condition };

export class Transaction {
  readonly #writes = new Map<string, Write>();
  readonly #announced = new Map<string, Key>();
  readonly counter = anyCounter();

  put(key: Key, item: Item, condition?: Condition): void {
    this.#write({ key, put: item, condition });
  }

  update(key: Key, changes: Changes, condition?: Condition): void {
    this.#write({ key, changes, condition });
  }

  delete(key: Key, condition?: Condition): void {
    this.#write({ key, isDelete: true, condition });
  }

  check(key: Key, condition: Condition): void {
    this.#write({ key, isCheck: true, condition });
  }

  add(key: Key, attribute: string, count: number): void {
    const known = this.#writes.get(idOf(key));
    const changes = known && "changes" in known ? known.changes : {};
    const add = { ...changes.add, [attribute]: (changes.add?.[attribute] ?? 0) + count };
    this.#writes.set(idOf(key), { key, changes: { ...changes, add }, condition: known?.condition });
  }

  /** A row that says where recovery has to look: written before the transaction, so that whoever dies in between is found. */
  announce(key: Key): void {
    this.#announced.set(idOf(key), key);
  }

  #write(write: Write): void {
    const id = idOf(write.key);
    if (this.#writes.has(id)) throw new Error(`two writes of ${id} in one transaction`);
    this.#writes.set(id, write);
  }

  get size(): number {
    return this.#writes.size;
  }

  get writes(): Write[] {
    return [...this.#writes.values()];
  }

  get announced(): Key[] {
    return [...this.#announced.values()];
  }

  get bytes(): number {
    return this.writes.reduce((sum, write) => sum + Buffer.byteLength(JSON.stringify(write)), 0);
  }

  get fits(): boolean {
    return this.size <= TRANSACTION_WRITES && (this.size === 1 || this.bytes <= TRANSACTION_BYTES);
  }
}

const idOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

export function transactItem(TableName: string, write: Write): TransactWriteItem {
  const expression = new Expression();
  const condition = write.condition && { ConditionExpression: expression.condition(write.condition) };
  if ("put" in write)
    return { Put: { TableName, Item: marshalled({ ...write.put, ...write.key }), ...condition, ...expression.placeholders } };
  const Key = marshalled({ ...write.key });
  if ("changes" in write) {
    const UpdateExpression = expression.update(write.changes);
    return { Update: { TableName, Key, UpdateExpression, ...condition, ...expression.placeholders } };
  }
  if ("isDelete" in write) return { Delete: { TableName, Key, ...condition, ...expression.placeholders } };
  return { ConditionCheck: { TableName, Key, ConditionExpression: condition!.ConditionExpression, ...expression.placeholders } };
}
