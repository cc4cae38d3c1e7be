// Lists of the API, page after page until there are as many as wanted.
import type { Client, List } from "../shared/sdk/client.ts";

const PAGE_MAX = 200;

/** Query parameters; a list is one that is repeated, and undefined one that is left out. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each): [string, string] => [name, String(each)]),
  );
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}

/** `want` may be Infinity. A page may be short, or empty, while there is more. */
export async function listed<T>(client: Client, path: string, query: Query, want: number): Promise<List<T>> {
  const items: T[] = [];
  let cursor = query.cursor;
  for (;;) {
    const limit = Math.min(PAGE_MAX, want - items.length);
    const page = await client.call<List<T>>("GET", path + queryText({ ...query, limit, cursor }));
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) return { items };
    if (items.length >= want) return { items, nextCursor: cursor as string };
  }
}
