// Tables that fit: flexible columns are cut first, then unimportant ones are left out. Files and pipes get everything.
import type { Screen } from "./screen.ts";
import { clean, cut, pad, widthOf } from "./text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | number | undefined;
  readonly paint?: (cell: string, row: Row) => string;
  /** May be cut. */
  readonly isFlexible?: boolean;
  /** May be left out; the highest number goes first. */
  readonly leftOut?: number;
  readonly align?: "right";
}

const GAP = "  ";
const FLEXIBLE_MIN = 8;

interface Measured<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  width: number;
}

export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, paint }: Pick<Screen, "width" | "paint">,
): string[] {
  const shown = fitted(columns.map((column) => measured(column, rows)), width); // prettier-ignore
  const line = (cellOf: (column: Measured<Row>) => [text: string, painted: (text: string) => string]): string =>
    shown
      .map((column, index) => {
        const [text, painted] = cellOf(column);
        const short = cut(text, column.width);
        // Padding is measured before colour, and the last column has none: no blanks at the ends of lines.
        const isLast = index === shown.length - 1 && column.column.align !== "right";
        const [before, after] = isLast ? ["", ""] : spaces(short, column.width, column.column.align);
        return before + painted(short) + after;
      })
      .join(GAP);
  const head = line(({ column }) => [column.title, paint.bold]);
  return [head, ...rows.map((row, index) => line(({ column, cells }) => [cells[index]!, (text) => column.paint?.(text, row) ?? text]))];
}

function spaces(text: string, width: number, align: "right" | undefined): [string, string] {
  const blanks = pad("", width - widthOf(text));
  return align === "right" ? [blanks, ""] : ["", blanks];
}

function measured<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const cells = rows.map((row) => {
    const value = clean(String(column.of(row) ?? ""));
    // So that every column is there for programs that count them.
    return value === "" ? "-" : value;
  });
  return { column, cells, width: cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(column.title)) };
}

function fitted<Row>(columns: Measured<Row>[], width: number): Measured<Row>[] {
  const excess = (): number => columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length) - width;
  for (;;) {
    for (let widest = widestFlexible(columns); widest && excess() > 0; widest = widestFlexible(columns)) {
      widest.width = Math.max(FLEXIBLE_MIN, widest.width - Math.max(1, Math.min(excess(), 4)));
    }
    if (excess() <= 0) return columns;
    const least = columns.filter(({ column }) => column.leftOut !== undefined).toSorted((a, b) => b.column.leftOut! - a.column.leftOut!)[0];
    if (!least) break;
    columns = columns.filter((column) => column !== least);
  }
  // Too narrow for what must be there: the last columns are cut, down to nothing.
  for (const column of columns.toReversed()) column.width = Math.max(1, column.width - Math.max(0, excess()));
  return columns;
}

function widestFlexible<Row>(columns: readonly Measured<Row>[]): Measured<Row> | undefined {
  return columns.filter(({ column, width }) => column.isFlexible && width > FLEXIBLE_MIN).toSorted((a, b) => b.width - a.width)[0];
}

/** Names and values below each other; what has no value is left out. */
export function fields(
  pairs: readonly (readonly [name: string, value: string | number | undefined])[],
  { paint }: Pick<Screen, "paint">,
): string[] {
  const given = pairs.filter(([, value]) => value !== undefined && value !== "");
  const width = given.reduce((most, [name]) => Math.max(most, name.length), 0);
  return given.map(([name, value]) => `${paint.dim(pad(name, width))}  ${value}`);
}
