// The way of an attempt as a small trampoline: each step answers what comes next. The same answers drive a state machine
// elsewhere, so that no decision is written twice.
import type { Outcome } from "../domain/attempt.ts";
import type { Task } from "../ports/executor.ts";
import type { Live } from "./attempts.ts";
import type { Context } from "./context.ts";
import { run } from "./run.ts";
import { settle } from "./settle.ts";

export type Next =
  | { readonly do: "run"; readonly live: Live; readonly task: Task }
  | { readonly do: "settle"; readonly live: Live; readonly outcome: Outcome }
  | { readonly do: "end" };

export function drive(context: Context, next: Next | Promise<Next>): void {
  if (next instanceof Promise) return context.attempts.background(next.then((known) => drive(context, known)));
  switch (next.do) {
    case "run":
      return run(context, next.live, next.task, (outcome) => drive(context, { do: "settle", live: next.live, outcome }));
    case "settle":
      return drive(context, settle(context, next.live, next.outcome));
    case "end":
      return;
  }
}
