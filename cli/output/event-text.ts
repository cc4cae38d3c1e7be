// An event as a sentence.
import type { Json, JsonObject } from "../../shared/domain/json.ts";
import type { Event } from "../shown.ts";
import { countsText } from "./state.ts";
import { timeOfDay } from "./time.ts";
import type { Paint } from "./screen.ts";
import { clean } from "./text.ts";

type Say = (data: Readonly<Record<string, Json>>, paint: Paint) => string;

const errorText = (error: Json | undefined): string => {
  const { code, message } = (error ?? {}) as JsonObject;
  return [code, message].filter((part) => typeof part === "string").join(": ");
};

const says: Record<string, Say> = {
  "job.created": ({ state }) => `now ${text(state)}`,
  "job.delayed": ({ until, why }) => `until ${timeOfDay(text(until))} (${text(why)})`,
  "job.starting": ({ attempt }) => `attempt ${text(attempt)}`,
  "job.started": ({ attempt, executor }) => `attempt ${text(attempt)} on ${text(executor)}`,
  "job.paused": ({ from }) => `was ${text(from)}`,
  "job.resumed": ({ to }) => `now ${text(to)}`,
  "job.completed": ({ attempt }) => (attempt === 0 ? "by hand" : `attempt ${text(attempt)}`),
  "job.failed": ({ error }) => errorText(error),
  "job.cancelled": ({ message }) => text(message),
  "job.repaired": ({ problem, action }) => `${text(problem)}: ${text(action)}`,
  "attempt.failed": ({ attempt, error, willRetry }) =>
    `attempt ${text(attempt)}: ${errorText(error)}${willRetry === true ? "; will be tried again" : ""}`,
  "attempt.lost": ({ attempt, reason, willRestart }) =>
    `attempt ${text(attempt)}: ${text(reason)}${willRestart === true ? " Will be started again." : ""}`,
};

const text = (value: Json | undefined): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));

/** What an event tells beyond its type; what is not known here is told as JSON. */
export function eventText({ type, data }: Pick<Event, "type" | "data">, paint: Paint): string {
  const say = says[type];
  if (say) return clean(say(data, paint));
  if (data.counts !== undefined) return countsText(data.counts as Record<string, number>, paint);
  return Object.keys(data).length === 0 ? "" : clean(JSON.stringify(data));
}

/** `job.failed` and its like take the colour of the state that they lead to. */
export const stateOfType = (type: string): string =>
  ({ started: "running", retried: "queued", lost: "failed" })[type.split(".")[1] ?? ""] ?? type.split(".")[1] ?? "";
