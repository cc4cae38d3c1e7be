// One event in one line.
import type { Event } from "../shown.ts";
import { eventText, stateOfType } from "./event-text.ts";
import type { Screen } from "./screen.ts";
import { paintState } from "./state.ts";
import { cut, pad, widthOf } from "./text.ts";
import { timeOfDay } from "./time.ts";

const TYPE_WIDTH = 20;

/** `between`: what stands after the time, as whom it is about. */
export function eventLine(event: Event, { paint, width }: Pick<Screen, "paint" | "width">, between = ""): string {
  const start = `${timeOfDay(event.at)}  ${between === "" ? "" : `${between}  `}${pad(event.type, TYPE_WIDTH)}`;
  const painted = start.replace(event.type, paintState(paint, stateOfType(event.type), event.type));
  const text = eventText(event, paint);
  // Coloured text, as of counts, is short and not cut.
  return `${painted}  ${text.includes("\u001B") ? text : cut(text, width - widthOf(start) - 2)}`.trimEnd();
}
