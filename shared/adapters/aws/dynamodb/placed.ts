// Where the texts of a job go: into its item while that stays small, beside it, or out of the table.
import type { JobBody } from "../../../ports/store.ts";
import type { Item } from "./expression.ts";
import { bytesIn, jobFolder, type StoredText, type Texts } from "./texts.ts";

/** Written again with every step of the job: beyond this, an item of its own costs less, though it makes the first a transaction. */
const BODY_IN_JOB_BYTES_MAX = 2048;
/** Written once, mostly in the last write: a second item would make it a transaction, at twice the price. */
const RESULT_IN_JOB_BYTES_MAX = 8 * 1024;

export interface Placed {
  readonly inJob: Item;
  readonly apart: Item | null;
  readonly texts: readonly StoredText[];
}

export async function placeBody(texts: Texts, uid: string, { spec, params }: JobBody): Promise<Placed> {
  const placed = {
    spec: await texts.store(`${jobFolder(uid)}spec`, spec),
    params: await texts.store(`${jobFolder(uid)}params`, params),
  };
  const stored = [placed.spec, placed.params];
  const nearBytes = stored.reduce((sum, text) => sum + (typeof text === "string" ? bytesIn(text) : 0), 0);
  const hasFiles = stored.some((text) => typeof text !== "string") || undefined;
  if (nearBytes <= BODY_IN_JOB_BYTES_MAX) return { inJob: { ...placed, hasFiles }, apart: null, texts: stored };
  return { inJob: { hasFiles }, apart: placed, texts: stored };
}

export async function placeResult(texts: Texts, uid: string, result: string): Promise<Placed> {
  const stored = await texts.store(`${jobFolder(uid)}result`, result);
  if (typeof stored !== "string") return { inJob: { result: stored, hasFiles: true }, apart: null, texts: [stored] };
  if (bytesIn(stored) <= RESULT_IN_JOB_BYTES_MAX) return { inJob: { result: stored, isResultApart: undefined }, apart: null, texts: [] };
  return { inJob: { isResultApart: true, result: undefined }, apart: { result: stored }, texts: [] };
}
