/*
 * Events as the item of their subject keeps them, and as users see them. Their ids follow from the subject, the number and the time,
 * so that whoever tells of an event (the history, the feed, a claim that nobody has written down yet) tells of the same one.
 */
import { createHash } from "node:crypto";
import { decodeTime, encodeTime } from "ulid";
import type { Fact } from "../../../../events/catalogue.ts";
import type { DatedFact } from "../../../domain/decision.ts";
import type { Group } from "../../../domain/group.ts";
import type { StoredEvent } from "../../../domain/history.ts";
import type { Job } from "../../../domain/job.ts";
import { ALPHABET } from "./keys.ts";

export interface KeptEvent {
  readonly seq: number;
  readonly type: Fact["type"];
  readonly at: number;
  /** The time in its id: never before that of the subject's event before it. */
  readonly idAt: number;
  readonly data: Fact["data"];
}

/** Of a subject's own events, the ones that follow on `last`. `at` dates facts that have no date. */
export function following(last: Pick<KeptEvent, "seq" | "idAt"> | undefined, facts: readonly DatedFact[], at: number): KeptEvent[] {
  let [seq, idAt] = [last?.seq ?? 0, last?.idAt ?? 0];
  return facts.map((fact) => {
    const when = fact.at ?? at;
    seq++;
    idAt = Math.max(when, idAt);
    return { seq, type: fact.type, at: when, idAt, data: fact.data };
  });
}

/** `[seq, type, at, data?, idAt?]`: they are rewritten with every write of their subject. */
export function packed({ seq, type, at, idAt, data }: KeptEvent): string {
  const isEmpty = Object.keys(data).length === 0;
  if (idAt !== at) return JSON.stringify([seq, type, at, data, idAt]);
  return JSON.stringify(isEmpty ? [seq, type, at] : [seq, type, at, data]);
}

export function unpacked(text: string): KeptEvent {
  const [seq, type, at, data = {}, idAt = at] = JSON.parse(text) as [number, Fact["type"], number, Fact["data"]?, number?];
  return { seq, type, at, idAt, data };
}

export const eventsIn = (item: { readonly e?: unknown }): KeptEvent[] => ((item.e as string[] | undefined) ?? []).map(unpacked);

/** An item keeps so many of its latest events, and so many bytes of them; older ones lie beside it. */
const KEPT_MAX = 16;
const KEPT_BYTES_MAX = 2048;

/** Those of this write always stay with the item: whoever reads the table's stream finds them there. */
export function fitted(
  before: readonly KeptEvent[],
  fresh: readonly KeptEvent[],
): { kept: readonly KeptEvent[]; older: readonly KeptEvent[] } {
  const all = [...before, ...fresh];
  const bytes = all.reduce((sum, event) => sum + Buffer.byteLength(packed(event)), 0);
  const fits = all.length <= KEPT_MAX && bytes <= KEPT_BYTES_MAX;
  return fits || fresh.length === 0 ? { kept: all, older: [] } : { kept: fresh, older: before };
}

/** Whose events they are. */
export interface Subject extends Pick<StoredEvent, "jobId" | "batchId" | "runId"> {
  /** Twelve letters of the alphabet of ULIDs, which no other subject has. */
  readonly mark: string;
}

const MARK_LETTERS = 12;
const TIME_LETTERS = 10;
const SEQ_LETTERS = 4;

export const ofJob = (uid: string, { id, batchId, runId }: Pick<Job, "id" | "batchId" | "runId">): Subject => ({
  mark: uid.slice(-MARK_LETTERS), jobId: id, batchId, runId,
}); // prettier-ignore

export const ofGroup = (order: string, { id, kind }: Pick<Group, "id" | "kind">): Subject => ({
  mark: order.slice(-MARK_LETTERS), jobId: null, batchId: kind === "batch" ? id : null, runId: kind === "run" ? id : null,
}); // prettier-ignore

export function ofWorkflow(name: string): Subject {
  const hash = createHash("sha256").update(name).digest().subarray(0, MARK_LETTERS);
  const mark = [...hash].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return { mark, jobId: null, batchId: null, runId: null };
}

export const shown = ({ mark, ...whose }: Subject, { seq, type, at, idAt, data }: KeptEvent): StoredEvent => ({
  id: `evt_${encodeTime(idAt, TIME_LETTERS)}${mark}${inLetters(seq)}`, seq, type, at, ...whose, data,
}); // prettier-ignore

export const timeIn = (eventId: string): number => decodeTime(eventId.slice("evt_".length));

function inLetters(seq: number): string {
  let letters = "";
  for (let left = seq; letters.length < SEQ_LETTERS; left = Math.floor(left / ALPHABET.length))
    letters = ALPHABET[left % ALPHABET.length]! + letters;
  return letters;
}
