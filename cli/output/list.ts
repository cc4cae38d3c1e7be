// A list of the API: as it is, or as a table.
import type { List } from "../../shared/sdk/client.ts";
import type { Call } from "../call.ts";
import { table, type Column } from "./table.ts";

export function printList<Row>({ isJson, out, err }: Call, list: List<Row>, columns: readonly Column<Row>[], none: string): void {
  if (isJson) return out.json(list);
  if (list.items.length === 0) return err.line(err.paint.dim(none));
  for (const line of table(columns, list.items, out)) out.line(line);
  if (list.nextCursor !== undefined) err.line(err.paint.dim("There are more: --limit N, --all."));
}
