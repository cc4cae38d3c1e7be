// Lists of jobs. One index drives a page, the other filters look at what it yields, within a bound:
// a page may be short, and its cursor goes on behind the last row that was looked at.
import type { SQLInputValue } from "node:sqlite";
import type { JobQuery, JobView, Page } from "../../../ports/store.ts";
import type { Row } from "./rows.ts";
import { numberIn, viewColumns, viewJoins, viewOf } from "./views.ts";

/** Runs a statement on the connection that reads. */
type Query = (sql: string, ...values: SQLInputValue[]) => Row[];

/** Rows that one page may look at: about 5 ms. */
const SCANNED_MAX = 5000;

interface Filter {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export function listJobs(run: Query, query: JobQuery): Page<JobView> {
  const isByAge = (query.sort === undefined || query.sort === "createdAt") && query.offset === undefined;
  return isByAge ? byAge(run, query) : sorted(run, query);
}

/** Newest first, or oldest: by the order of acceptance, with a cursor. */
function byAge(run: Query, query: JobQuery): Page<JobView> {
  const filters = filtersOf(query);
  const driver = filters[0];
  const rows = driver?.sql.startsWith("j.state IN") ? byStates(run, query, filters) : scan(run, query, driver, filters.slice(1));
  const found = rows.filter((row) => row.isMatch === 1).slice(0, query.limit + 1);
  const shown = found.slice(0, query.limit);
  const items = shown.flatMap((row) => view(run, row.n as number));
  if (found.length > query.limit) return { items, next: String(shown.at(-1)!.n) };
  return rows.length >= SCANNED_MAX ? { items, next: String(rows.at(-1)!.n) } : { items };
}

/** None if the writer has removed it since it was found. */
const view = (run: Query, n: number): JobView[] => run(`SELECT ${viewColumns} FROM jobs j ${viewJoins} WHERE j.n = ?`, n).map(viewOf);

function scan(run: Query, query: JobQuery, driver: Filter | undefined, others: readonly Filter[]): Row[] {
  const [than, direction] = query.order === "asc" ? [">", "ASC"] : ["<", "DESC"];
  const bounds = [
    ...(driver ? [driver] : []),
    ...(query.after === undefined ? [] : [{ sql: `j.n ${than} ?`, values: [numberIn(query.after)!] }]),
    ...timeBounds(run, query),
  ];
  const isMatch = others.map(({ sql }) => sql).join(" AND ") || "1";
  const limit = others.length === 0 ? query.limit + 1 : SCANNED_MAX;
  const where = bounds.length > 0 ? `WHERE ${bounds.map(({ sql }) => sql).join(" AND ")}` : "";
  // A tag's own table drives its pages.
  const from = driver?.sql.startsWith("t.tag") ? "tags t JOIN jobs j ON j.n = t.n" : "jobs j";
  const order = from === "jobs j" ? "j.n" : "t.n";
  const text = `SELECT ${order} AS n, (${isMatch}) AS isMatch FROM ${from} ${where} ORDER BY ${order} ${direction} LIMIT ${limit}`;
  return run(text, ...[...others, ...bounds].flatMap(({ values }) => values));
}

/** Each state has its own order in the index: their pages are merged. */
function byStates(run: Query, query: JobQuery, [states, ...others]: readonly Filter[]): Row[] {
  const pages = states!.values.map((state) => scan(run, query, { sql: "j.state = ?", values: [state] }, others));
  const merged = pages.flat().toSorted((a, b) => (query.order === "asc" ? 1 : -1) * (Number(a.n) - Number(b.n)));
  const scannedFully = pages.filter((page) => page.length >= SCANNED_MAX).map((page) => Number(page.at(-1)!.n));
  if (scannedFully.length === 0) return merged;
  // Behind the nearest end of a page that was cut, rows of its state may be missing.
  const end = query.order === "asc" ? Math.min(...scannedFully) : Math.max(...scannedFully);
  const known = merged.filter((row) => (query.order === "asc" ? Number(row.n) <= end : Number(row.n) >= end));
  return [...known, ...Array.from({ length: Math.max(0, SCANNED_MAX - known.length) }, () => ({ n: end, isMatch: 0 }))];
}

/** The most telling filter first: it drives. */
function filtersOf(query: JobQuery): Filter[] {
  const [firstTag, ...moreTags] = query.tags ?? [];
  const equals = (column: string, value: string | undefined): Filter[] =>
    value === undefined ? [] : [{ sql: `j.${column} = ?`, values: [value] }];
  const { states } = query;
  return [
    ...(firstTag === undefined ? [] : [{ sql: "t.tag = ?", values: [firstTag] }]),
    ...equals("runId", query.runId),
    ...equals("batchId", query.batchId),
    ...equals("name", query.name),
    ...(states ? [{ sql: `j.state IN (${states.map(() => "?").join(", ")})`, values: states }] : []),
    ...equals("functionName", query.functionName),
    ...(query.type === undefined
      ? []
      : [{ sql: query.type === "function" ? "j.type = ?" : "j.type = ? AND j.type <> 'function'", values: [query.type] }]),
    ...moreTags.map((tag) => ({ sql: "EXISTS (SELECT 1 FROM tags m WHERE m.tag = ? AND m.n = j.n)", values: [tag] })),
  ];
}

/** Times become bounds of `n`, which follows them: so every index can use them, and none is needed for times. */
function timeBounds(run: Query, { createdAfter, createdBefore }: JobQuery): Filter[] {
  return [
    ...(createdAfter === undefined ? [] : [{ sql: "j.n >= ?", values: [firstCreatedFrom(run, createdAfter + 1)] }]),
    ...(createdBefore === undefined ? [] : [{ sql: "j.n < ?", values: [firstCreatedFrom(run, createdBefore)] }]),
  ];
}

/** The first job that was created at `time` or later, found by halving: numbers and times grow together. */
function firstCreatedFrom(run: Query, time: number): number {
  let low = 0;
  let high = Number(run("SELECT coalesce(max(n), 0) + 1 AS n FROM jobs")[0]!.n);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row = run("SELECT n, createdAt FROM jobs WHERE n >= ? ORDER BY n LIMIT 1", middle)[0];
    if (row && Number(row.createdAt) < time) low = Number(row.n) + 1;
    else high = middle;
  }
  return low;
}

/** Other orders, and offsets: the cursor is how far one has come. */
function sorted(run: Query, query: JobQuery): Page<JobView> {
  const skipped = (numberIn(query.after) ?? 0) + (query.after === undefined ? (query.offset ?? 0) : 0);
  const filters = filtersOf(query).map(({ sql, values }) =>
    sql.startsWith("t.tag") ? { sql: "EXISTS (SELECT 1 FROM tags t WHERE t.tag = ? AND t.n = j.n)", values } : { sql, values },
  );
  const all = [...filters, ...timeBounds(run, query)];
  const where = all.length > 0 ? `WHERE ${all.map(({ sql }) => sql).join(" AND ")}` : "";
  const direction = query.order === "asc" ? "ASC" : "DESC";
  const column = query.sort === undefined || query.sort === "createdAt" ? "n" : query.sort;
  const rows = run(
    `SELECT j.n FROM jobs j ${where} ORDER BY j.${column} ${direction}, j.n ${direction} LIMIT ? OFFSET ?`,
    ...all.flatMap(({ values }) => values), query.limit + 1, skipped,
  ); // prettier-ignore
  const items = rows.slice(0, query.limit).flatMap((row) => view(run, row.n as number));
  return rows.length > query.limit ? { items, next: String(skipped + query.limit) } : { items };
}
