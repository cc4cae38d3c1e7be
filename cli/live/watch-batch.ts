// A batch until its end: a bar on a terminal, elsewhere a line for each change of its counts.
import { isGroupEnd } from "../../shared/domain/group.ts";
import type { Call } from "../call.ts";
import type { Screen } from "../output/screen.ts";
import { bar, countsText, mark, paintState } from "../output/state.ts";
import { clean } from "../output/text.ts";
import { elapsed } from "../output/time.ts";
import { batchPath, type Batch } from "../shown.ts";
import { animated, spinner } from "./block.ts";
import { Patience } from "./patience.ts";

const WAIT_SECONDS = 1;
const BAR = 30;

/** Answers the batch as it ended. `screen` null: nothing is shown. */
export async function watchBatch(call: Call, first: Batch, screen: Screen | null): Promise<Batch> {
  if (!screen) return untilEnd(call, first.id);
  if (screen.isTerminal) return animated(screen, first, (batch, now) => batchView(batch, now, screen), (see) => untilEnd(call, first.id, see)); // prettier-ignore
  let last = "";
  return untilEnd(call, first.id, ({ id, state, counts }) => {
    const line = `${id} is ${state}: ${countsText(counts, screen.paint)}`;
    if (line !== last) screen.line(line);
    last = line;
  });
}

async function untilEnd({ client, err }: Call, id: string, see?: (batch: Batch) => void): Promise<Batch> {
  const patience = new Patience(err);
  for (;;) {
    const batch = await patience.ask(() => client.call<Batch>("GET", batchPath(id, `?wait=${WAIT_SECONDS}`)));
    see?.(batch);
    if (isGroupEnd(batch.state)) return batch;
  }
}

export function batchView(
  { id, name, state, counts, createdAt, finishedAt }: Batch,
  now: number,
  { paint }: Pick<Screen, "paint">,
): string[] {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const ended = (counts.completed ?? 0) + (counts.failed ?? 0) + (counts.cancelled ?? 0);
  const took = elapsed({ startedAt: createdAt, ...(finishedAt !== undefined && { finishedAt }) }, now);
  return [
    `${paintState(paint, state, isGroupEnd(state) ? mark(state) : spinner(now))} ${name === undefined ? "" : `${clean(name)}  `}${id}  ${paintState(paint, state)}  ${took}`,
    `  ${bar((100 * ended) / Math.max(1, all), BAR)} ${ended}/${all}`,
    `  ${countsText(counts, paint)}`,
  ];
}
