// A run until its end: redrawn on a terminal, elsewhere a line for each change of the run or a step.
import { isGroupEnd } from "../../shared/domain/group.ts";
import type { Call } from "../call.ts";
import type { Screen } from "../output/screen.ts";
import { paintState } from "../output/state.ts";
import { clean } from "../output/text.ts";
import { timeOfDay } from "../output/time.ts";
import { runPath, type Run } from "../shown.ts";
import { animated } from "./block.ts";
import { Patience } from "./patience.ts";
import { RunJobs } from "./run-jobs.ts";
import { runView, stepsSeen } from "./run-view.ts";

const WAIT_SECONDS = 1;
const WAIT_LONG_SECONDS = 25;

/** Answers the run as it ended. `screen` null: nothing is shown. */
export async function watchRun(call: Call, id: string, screen: Screen | null): Promise<Run> {
  if (!screen) return untilEnd(call, id, WAIT_LONG_SECONDS);
  const first = await call.client.call<Run>("GET", runPath(id));
  if (!screen.isTerminal) return told(call, first, screen);
  const jobs = new RunJobs(call.client, id);
  await jobs.refresh();
  const view = (run: Run, now: number): string[] => runView(run, stepsSeen(run, jobs.get), now, screen);
  return animated(screen, first, view, (see) => untilEnd(call, id, WAIT_SECONDS, async (run) => (await jobs.refresh(), see(run))));
}

async function untilEnd(call: Call, id: string, seconds: number, see?: (run: Run) => Promise<void> | void): Promise<Run> {
  const patience = new Patience(call.err);
  for (;;) {
    const run = await patience.ask(async () => {
      const answer = await call.client.call<Run>("GET", runPath(id, `?wait=${seconds}`));
      await see?.(answer);
      return answer;
    });
    if (isGroupEnd(run.state)) return run;
  }
}

function told(call: Call, first: Run, screen: Screen): Promise<Run> {
  const known = new Map<string, string>();
  const tell = (what: string, state: string): void => {
    if (known.get(what) === state) return;
    known.set(what, state);
    screen.line(`${timeOfDay(new Date().toISOString())}  ${clean(what)}  ${paintState(screen.paint, state)}`);
  };
  const see = (run: Run): void => {
    for (const step of run.steps ?? []) tell(`step ${step.name}`, step.state);
    tell(run.id, run.state);
  };
  see(first);
  return untilEnd(call, first.id, WAIT_SECONDS, see);
}
