/*
 * Reads the table's stream: what was written becomes the feed of all events and the counts of all jobs, and what hung on jobs that
 * DynamoDB has forgotten is removed. Records may come twice, late or in another order: the log itself knows which it has told.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StoredEvent } from "../../../domain/history.ts";
import { FeedAppender } from "./feed-appender.ts";
import { FEED_RETENTION_MS, FeedLog } from "./feed-log.ts";
import { keyKey, uidIn } from "./keys.ts";
import type { Payloads } from "./payloads.ts";
import { removeLeftOf } from "./remove-job.ts";
import { changeOf, type RecordChange, type StreamRecord } from "./stream-record.ts";
import { inTurn, Table } from "./table.ts";
import { isFar, Texts } from "./texts.ts";

export interface RelayOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly payloads: Payloads;
  /** How long the feed keeps events. */
  readonly feedRetentionMs?: number;
}

export interface Taken {
  /** For the bus. Those of records that come again come again too. */
  readonly events: readonly StoredEvent[];
  /** Sequence numbers of records that must come again. */
  readonly failed: readonly string[];
}

const REMOVED_AT_ONCE = 8;

export class Relay {
  readonly #table: Table;
  readonly #texts: Texts;
  readonly #appender: FeedAppender;

  constructor({ client, tableName, payloads, feedRetentionMs = FEED_RETENTION_MS }: RelayOptions) {
    this.#table = new Table(client, tableName);
    this.#texts = new Texts(payloads);
    this.#appender = new FeedAppender(new FeedLog(this.#table), feedRetentionMs);
  }

  /** @throws SwitchyardError `store.unavailable`: then all of them must come again. */
  async take(records: readonly StreamRecord[]): Promise<Taken> {
    const failed = new Set<StreamRecord>();
    const read = records.flatMap((record) => {
      const change = changeOrNull(record);
      if (!change) failed.add(record);
      return change ? [{ record, change }] : [];
    });
    await inTurn(
      read.filter(({ change }) => change.forgotten),
      REMOVED_AT_ONCE,
      async ({ record, change }) => {
        if (!(await this.#removeLeft(change))) failed.add(record);
      },
    );
    const changes = read.filter(({ record }) => !failed.has(record)).map(({ change }) => change);
    await this.#appender.append(changes);
    return { events: changes.flatMap(({ events }) => events), failed: records.filter((record) => failed.has(record)).map(numberOf) };
  }

  async #removeLeft({ key, forgotten }: RecordChange): Promise<boolean> {
    try {
      if (key.sk !== keyKey("").sk) await removeLeftOf({ table: this.#table, texts: this.#texts }, uidIn(key.pk), forgotten!);
      else if (isFar(forgotten!.answer)) await this.#texts.forget([forgotten!.answer]);
      return true;
    } catch (error) {
      console.error(`switchyard: what hangs on ${key.pk} was not removed:`, error);
      return false;
    }
  }
}

function changeOrNull(record: StreamRecord): RecordChange | null {
  try {
    return changeOf(record);
  } catch (error) {
    console.error(`switchyard: record ${numberOf(record)} of the table's stream cannot be read:`, error);
    return null;
  }
}

const numberOf = ({ dynamodb, eventID }: StreamRecord): string => dynamodb?.SequenceNumber ?? eventID ?? "";
