// What one record of the table's stream tells: which events came true, and from which state to which a job went. Pure.
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { bucketOf, type Tally } from "../../../domain/group.ts";
import type { StoredEvent } from "../../../domain/history.ts";
import type { Item } from "./expression.ts";
import { markOf } from "./feed-log.ts";
import { groupOf } from "./groups.ts";
import { eventsIn, ofGroup, ofJob, ofWorkflow, shown, type KeptEvent, type Subject } from "./kept-events.ts";
import { groupKey, jobKey, keyKey, WORKFLOWS, type Key } from "./keys.ts";
import { storedJobOf, type StoredJob } from "./stored-job.ts";
import { isFar } from "./texts.ts";

/** As Lambda delivers it, or as the stream itself does. */
export interface StreamRecord {
  readonly eventID?: string | undefined;
  readonly dynamodb?:
    | {
        readonly ApproximateCreationDateTime?: number | Date | undefined;
        readonly SequenceNumber?: string | undefined;
        readonly Keys?: object | undefined;
        readonly NewImage?: object | undefined;
        readonly OldImage?: object | undefined;
      }
    | undefined;
}

export type Bucket = keyof Tally;

export interface RecordChange {
  /** Of the item that changed. */
  readonly key: Key;
  /** The same for the same record, should it come again. */
  readonly mark: string;
  /** When it was written, at the latest; ms since 1970. */
  readonly writtenAt: number;
  readonly events: readonly StoredEvent[];
  /** Where the job was counted, and where it is from now on; null = nowhere. */
  readonly from: Bucket | null;
  readonly to: Bucket | null;
  /** The item as it was, if DynamoDB has forgotten it by itself and something may hang on it. */
  readonly forgotten: Item | null;
}

const SECOND_MS = 1000;

/** @throws Error for a record that cannot be read */
export function changeOf({ eventID, dynamodb }: StreamRecord): RecordChange {
  const { Keys, OldImage, NewImage, SequenceNumber, ApproximateCreationDateTime: at } = dynamodb ?? {};
  const key = itemOf(Keys) as Key | null;
  const name = eventID ?? SequenceNumber;
  if (!key || name === undefined) throw new Error("a stream's record without keys or a name");
  // Most items tell nothing, the feed's own among them: they are not even read.
  const [before, after] = tells(key) ? [itemOf(OldImage), itemOf(NewImage)] : [null, null];
  return {
    key, mark: markOf(name), writtenAt: at instanceof Date ? at.getTime() : (at ?? 0) * SECOND_MS, ...toldBy(key, before, after),
    forgotten: before && !after && isForgettable(key, before) ? before : null,
  }; // prettier-ignore
}

const itemOf = (image: object | undefined): Item | null => (image ? unmarshall(image as Record<string, AttributeValue>) : null);

const tells = ({ pk, sk }: Key): boolean => pk === WORKFLOWS || [jobKey("").sk, groupKey("").sk, keyKey("").sk].includes(sk);

type Told = Pick<RecordChange, "events" | "from" | "to">;
const nothing: Told = { events: [], from: null, to: null };

function toldBy({ pk, sk }: Key, before: Item | null, after: Item | null): Told {
  if (sk === jobKey("").sk) return toldByJob(seenJob(before), seenJob(after));
  if (!after) return nothing;
  const fresh = newer(eventsIn(after), eventsIn(before ?? {}));
  if (sk === groupKey("").sk) return { ...nothing, events: told(ofGroup(after.order as string, groupOf(after)), fresh) };
  return pk === WORKFLOWS ? { ...nothing, events: told(ofWorkflow(sk), fresh) } : nothing;
}

function toldByJob(before: StoredJob | null, after: StoredJob | null): Told {
  return {
    events: after ? told(ofJob(after.uid, after.job), newer(after.events, before?.events ?? [])) : [],
    from: before && bucketOf(before.job),
    to: after && bucketOf(after.job),
  };
}

/** A job of a graph that is still being written is not there: it comes when its mark is taken off. */
function seenJob(item: Item | null): StoredJob | null {
  const stored = storedJobOf(item);
  return stored?.graph === null ? stored : null;
}

const newer = (events: readonly KeptEvent[], known: readonly KeptEvent[]): KeptEvent[] =>
  events.filter(({ seq }) => seq > (known.at(-1)?.seq ?? 0));

const told = (subject: Subject, events: readonly KeptEvent[]): StoredEvent[] => events.map((event) => shown(subject, event));

/** Jobs that we removed ourselves too: nothing is found for them. What a graph that was given up had, its writer removes. */
function isForgettable({ sk }: Key, before: Item): boolean {
  return sk === keyKey("").sk ? isFar(before.answer) : sk === jobKey("").sk && before.graph === undefined;
}
