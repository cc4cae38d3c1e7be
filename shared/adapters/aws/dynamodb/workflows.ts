// Workflow definitions: every version, and which is the latest.
import type { Fact } from "../../../../events/catalogue.ts";
import type { StoredWorkflow } from "../../../domain/workflow/definition.ts";
import type { Page, PageAsk } from "../../../ports/store.ts";
import { refuseForeign } from "./cursors.ts";
import { absent, where, type Item } from "./expression.ts";
import { headKey, padded, versionKey, workflowPk } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { Transaction } from "./transaction.ts";

/** Removed workflows that one page may step over. */
const SCANNED_MAX = 1000;

export async function putWorkflow(
  { table, writes }: Parts,
  { name, version, createdAt, definition }: StoredWorkflow,
  facts: readonly Fact[],
): Promise<{ ok: boolean }> {
  const tx = new Transaction();
  tx.put(versionKey(name, version), { name, version, createdAt, definition }, absent);
  tx.put(headKey(name), { version });
  writes.tell(tx, { pk: workflowPk(name) }, null, eventsBefore(version), facts, createdAt);
  return { ok: (await table.transact(tx)).length === 0 };
}

/** Each version is stored once and removed at most once: two events. */
const eventsBefore = (version: number): number => 2 * (version - 1);

export async function removeWorkflow({ table, writes }: Parts, name: string, now: number): Promise<boolean> {
  const head = await table.get(headKey(name));
  if (!head || head.deletedAt !== undefined) return false;
  const version = head.version as number;
  const tx = new Transaction();
  tx.update(headKey(name), { set: { deletedAt: now } }, where({ version, deletedAt: undefined }));
  writes.tell(tx, { pk: workflowPk(name) }, null, eventsBefore(version) + 1, [{ type: "workflow.deleted", data: { name } }], now);
  return (await table.transact(tx)).length === 0;
}

const workflowOf = (item: Item, head: Item): StoredWorkflow => ({
  name: item.name as string, version: item.version as number, createdAt: item.createdAt as number,
  deletedAt: (head.deletedAt as number | undefined) ?? null, definition: item.definition as string,
}); // prettier-ignore

export async function workflow({ table }: Parts, name: string, version?: number): Promise<StoredWorkflow | null> {
  const head = await table.get(headKey(name));
  const item = head && (await table.get(versionKey(name, version ?? (head.version as number))));
  return item && workflowOf(item, head);
}

export function workflows(
  parts: Parts,
  { name, ...page }: PageAsk & { readonly name?: string | undefined },
): Promise<Page<StoredWorkflow>> {
  return name === undefined ? latest(parts, page) : versions(parts, name, page);
}

async function latest({ table }: Parts, { limit, after }: PageAsk): Promise<Page<StoredWorkflow>> {
  const rows = await table.query({ pk: "WORKFLOWS", low: after ?? " ", high: "~", limit: SCANNED_MAX });
  const heads = rows.filter(({ sk, deletedAt }) => sk !== after && deletedAt === undefined);
  const page = heads.slice(0, limit);
  const items = await table.getAll(page.map(({ sk, version }) => versionKey(sk as string, version as number)));
  const shown = items.flatMap((item, index) => (item ? [workflowOf(item, page[index]!)] : []));
  const next = heads.length > limit ? page.at(-1)?.sk : rows.length === SCANNED_MAX ? rows.at(-1)?.sk : undefined;
  return next === undefined ? { items: shown } : { items: shown, next: next as string };
}

async function versions({ table }: Parts, name: string, { limit, after }: PageAsk): Promise<Page<StoredWorkflow>> {
  refuseForeign(after, "version");
  const head = await table.get(headKey(name));
  if (!head) return { items: [] };
  const high = after === undefined ? "V#~" : `V#${padded(Number(after) - 1)}`;
  const rows = await table.query({ pk: workflowPk(name), low: "V#", high, order: "desc", limit: limit + 1 });
  const items = rows.slice(0, limit).map((item) => workflowOf(item, head));
  return rows.length > limit ? { items, next: String(items.at(-1)!.version) } : { items };
}
