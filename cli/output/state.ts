// States in colour, in the order of a job's life, and progress as a bar.
import { jobStates } from "../../shared/domain/job.ts";
import type { Paint } from "./screen.ts";

type Colour = "green" | "red" | "cyan" | "yellow" | "magenta" | "dim";

const colours: Record<string, Colour> = {
  completed: "green", partial: "yellow", failed: "red", cancelled: "magenta", running: "cyan", starting: "cyan",
  queued: "yellow", delayed: "yellow", blocked: "dim", created: "dim", paused: "magenta",
}; // prettier-ignore

const marks: Record<string, string> = {
  completed: "✔",
  partial: "✔",
  failed: "✖",
  cancelled: "■",
  running: "▶",
  starting: "▶",
  paused: "‖",
};

export const paintState = (paint: Paint, state: string, text: string = state): string => paint[colours[state] ?? "dim"](text);

export const mark = (state: string): string => marks[state] ?? "·";

/** Counts by state, those of a job's life in its order. */
export function countsText(counts: Readonly<Record<string, number>>, paint: Paint): string {
  const known = Object.keys(counts).toSorted((a, b) => placeOf(a) - placeOf(b));
  return known.map((state) => paintState(paint, state, `${counts[state]} ${state}`)).join(", ");
}

const placeOf = (state: string): number => (jobStates as readonly string[]).indexOf(state);

export function bar(percent: number, width: number): string {
  const full = Math.round((Math.max(0, Math.min(100, percent)) / 100) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}
