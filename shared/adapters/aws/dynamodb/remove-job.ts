// Everything that hangs on a job, then the job: whoever is interrupted finds it again by the job's own item.
import type { Item } from "./expression.ts";
import { inKey, jobKey, jobPk, outKey, tagKey, unreleasedKey, type Key } from "./keys.ts";
import type { Parts } from "./parts.ts";

export async function removeJob({ table }: Pick<Parts, "table">, uid: string): Promise<void> {
  const items = await table.query({ pk: jobPk(uid), low: " ", high: "~", limit: Number.MAX_SAFE_INTEGER });
  const others = items.filter(({ sk }) => sk !== jobKey(uid).sk);
  await table.writeAll([], [...others.flatMap((item) => [keyOf(item), ...elsewhere(uid, item)]), unreleasedKey(uid)]);
  await table.writeAll([], [jobKey(uid)]);
}

const keyOf = (item: Item): Key => ({ pk: item.pk as string, sk: item.sk as string });

function elsewhere(uid: string, item: Item): Key[] {
  const sk = item.sk as string;
  if (sk === "A#BODY") return [...new Set(item.tags as string[])].map((tag) => tagKey(tag, uid));
  const isOpen = sk.includes("#O#");
  if (sk.startsWith("IN#")) return [outKey(item.parentUid as string, uid, isOpen)];
  return sk.startsWith("OUT#") ? [inKey(item.childUid as string, uid, isOpen)] : [];
}
