// Workflow definitions: every version, and which is the latest. Its head tells their events.
import type { Fact } from "../../../../events/catalogue.ts";
import type { StoredWorkflow } from "../../../domain/workflow/definition.ts";
import type { Page, PageAsk } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { absent, where, type Item } from "./expression.ts";
import { following, packed } from "./kept-events.ts";
import { headKey, padded, versionKey, workflowPk, WORKFLOWS } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { inTurn } from "./table.ts";
import type { StoredText } from "./texts.ts";
import { Transaction } from "./transaction.ts";

/** Removed workflows that one page may step over. */
const SCANNED_MAX = 1000;
const READ_AT_ONCE = 8;

export async function putWorkflow(
  { table, texts }: Parts,
  { name, version, createdAt, definition: text }: StoredWorkflow,
  facts: readonly Fact[],
): Promise<{ ok: boolean }> {
  const definition = await texts.store(`workflows/${name}/${version}`, text);
  const tx = new Transaction();
  tx.put(versionKey(name, version), { name, version, createdAt, definition }, absent);
  tx.put(headKey(name), { version, e: eventsAfter(eventsBefore(version), facts, createdAt) });
  const ok = (await table.transact(tx)).length === 0;
  if (!ok) await texts.forget([definition]);
  return { ok };
}

/** Each version is stored once and removed at most once: two events. */
const eventsBefore = (version: number): number => 2 * (version - 1);

const eventsAfter = (seq: number, facts: readonly Fact[], at: number): string[] => following({ seq, idAt: 0 }, facts, at).map(packed);

export async function removeWorkflow({ table }: Parts, name: string, now: number): Promise<boolean> {
  const head = await table.get(headKey(name));
  if (!head || head.deletedAt !== undefined) return false;
  const version = head.version as number;
  const e = eventsAfter(eventsBefore(version) + 1, [{ type: "workflow.deleted", data: { name } }], now);
  const tx = new Transaction();
  tx.update(headKey(name), { set: { deletedAt: now, e } }, where({ version, deletedAt: undefined }));
  return (await table.transact(tx)).length === 0;
}

async function workflowOf({ texts }: Parts, item: Item, head: Item): Promise<StoredWorkflow | null> {
  const definition = await texts.read(item.definition as StoredText);
  return definition === null ? null : {
    name: item.name as string, version: item.version as number, createdAt: item.createdAt as number,
    deletedAt: (head.deletedAt as number | undefined) ?? null, definition,
  }; // prettier-ignore
}

export async function workflow(parts: Parts, name: string, version?: number): Promise<StoredWorkflow | null> {
  const head = await parts.table.get(headKey(name));
  const item = head && (await parts.table.get(versionKey(name, version ?? (head.version as number))));
  return item && workflowOf(parts, item, head);
}

export function workflows(
  parts: Parts,
  { name, ...page }: PageAsk & { readonly name?: string | undefined },
): Promise<Page<StoredWorkflow>> {
  return name === undefined ? latest(parts, page) : versions(parts, name, page);
}

async function latest(parts: Parts, { limit, after }: PageAsk): Promise<Page<StoredWorkflow>> {
  const rows = await parts.table.query({ pk: WORKFLOWS, low: after ?? " ", high: "~", limit: SCANNED_MAX });
  const heads = rows.filter(({ sk, deletedAt }) => sk !== after && deletedAt === undefined);
  const page = heads.slice(0, limit);
  const items = await parts.table.getAll(page.map(({ sk, version }) => versionKey(sk as string, version as number)));
  const shown = await inTurn(items, READ_AT_ONCE, async (item) => item && workflowOf(parts, item, page[items.indexOf(item)]!));
  const next = heads.length > limit ? page.at(-1)?.sk : rows.length === SCANNED_MAX ? rows.at(-1)?.sk : undefined;
  const found = shown.filter((one) => one !== null);
  return next === undefined ? { items: found } : { items: found, next: next as string };
}

async function versions(parts: Parts, name: string, { limit, after }: PageAsk): Promise<Page<StoredWorkflow>> {
  refuseForeign(after, "version");
  const head = await parts.table.get(headKey(name));
  if (!head) return { items: [] };
  const high = after === undefined ? "V#~" : `V#${padded(Number(after) - 1)}`;
  const rows = await parts.table.query({ pk: workflowPk(name), low: "V#", high, order: "desc", limit: limit + 1 });
  const shown = await inTurn(rows.slice(0, limit), READ_AT_ONCE, (item) => workflowOf(parts, item, head));
  const items = shown.filter((one) => one !== null);
  return rows.length > limit ? { items, next: String(items.at(-1)!.version) } : { items };
}
