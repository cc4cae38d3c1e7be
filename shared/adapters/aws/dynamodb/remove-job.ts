// Everything that hangs on a job, then the job: whoever is interrupted finds it again by the job's own item.
import type { Item } from "./expression.ts";
import { inKey, jobKey, jobPk, outKey, tagKey, unreleasedKey, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";
import { isFar, jobFolder } from "./texts.ts";

export async function removeJob(parts: Pick<Parts, "table" | "texts">, uid: string): Promise<void> {
  await removeBeside(parts, uid);
  await parts.table.writeAll([], [jobKey(uid)]);
}

/** All but its own item. */
export async function removeBeside({ table, texts }: Pick<Parts, "table" | "texts">, uid: string): Promise<void> {
  const items = await table.query({ pk: jobPk(uid), low: " ", high: "~", limit: Number.MAX_SAFE_INTEGER });
  const own = items.find(({ sk }) => sk === jobKey(uid).sk);
  const others = items.filter((item) => item !== own);
  const tags = ((own?.tags as string[] | undefined) ?? []).map((tag) => tagKey(tag, uid));
  if (items.some(hasFiles)) await texts.removeAll(jobFolder(uid));
  await table.writeAll([], [...tags, ...others.flatMap((item) => [keyOf(item), ...elsewhere(uid, item)]), unreleasedKey(uid)]);
}

/**
 * What is left of a job that DynamoDB has forgotten by itself. `last`: the job's item as it was. Nothing is touched if there is a
 * job under that key again.
 */
export async function removeLeftOf({ table, texts }: Pick<Parts, "table" | "texts">, uid: string, last: Item): Promise<void> {
  const items = await table.query({ pk: jobPk(uid), low: " ", high: "~", limit: Number.MAX_SAFE_INTEGER });
  if (items.some(({ sk }) => sk === jobKey(uid).sk)) return;
  if ([last, ...items].some(hasFiles)) await texts.removeAll(jobFolder(uid));
  await table.writeAll([], items.map(keyOf));
}

/** Log chunks say `isObject` if they are objects. */
const hasFiles = (item: Item): boolean => item.hasFiles === true || item.isObject === true || Object.values(item).some(isFar);

const keyOf = (item: Item): Key => ({ pk: item.pk as string, sk: item.sk as string });

function elsewhere(uid: string, item: Item): Key[] {
  const sk = item.sk as string;
  const isOpen = sk.includes("#O#");
  if (sk.startsWith("IN#")) return [outKey(item.parentUid as string, uid, isOpen)];
  return sk.startsWith("OUT#") ? [inKey(item.childUid as string, uid, isOpen)] : [];
}
