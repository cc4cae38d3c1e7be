// `switchyard job history`
import type { Command } from "commander";
import { formatDuration } from "../../shared/domain/duration.ts";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { eventLine } from "../output/event-line.ts";
import { listed } from "../pages.ts";
import { jobPath, type Event } from "../shown.ts";

const GAP_WIDTH = 7;

export function addHistory(group: Command): void {
  verbOf(group, "history <id>", "what happened to a job, oldest first").action(acting(history));
}

async function history({ client, isJson, out }: Call, _options: unknown, id: string): Promise<void> {
  const events = await listed<Event>(client, jobPath(id, "/history"), {}, Infinity);
  if (isJson) return out.json(events);
  let before: number | undefined;
  let day = "";
  for (const event of events.items) {
    const at = Date.parse(event.at);
    if (new Date(at).toDateString() !== day) out.line(out.paint.bold(new Date(at).toDateString()));
    const gap = before === undefined ? "" : `+${formatDuration(at - before)}`;
    out.line(eventLine(event, out, gap.padStart(GAP_WIDTH)));
    [before, day] = [at, new Date(at).toDateString()];
  }
}
