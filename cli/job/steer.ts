// `switchyard job cancel|retry|pause|resume|start`
import type { Command } from "commander";
import { acting, type Call } from "../call.ts";
import { verbOf } from "../globals.ts";
import { steerEach } from "../steer.ts";
import { paintState } from "../output/state.ts";
import { jobPath, type Job } from "../shown.ts";

const verbs = {
  cancel: "cancel jobs and all that they started",
  retry: "give failed or cancelled jobs another life",
  pause: "keep waiting jobs from going on",
  resume: "let paused jobs go on",
  start: "start jobs that were submitted with --no-start",
};

export function addSteering(group: Command): void {
  for (const [verb, summary] of Object.entries(verbs)) {
    verbOf(group, `${verb} <ids...>`, summary).action(acting((call, _options, ids: readonly string[]) => steer(call, verb, ids)));
  }
}

const steer = (call: Call, verb: string, ids: readonly string[]): Promise<void> =>
  steerEach<Job>(call, ids, (id) => jobPath(id, `/${verb}`), ({ state, cancelRequestedAt }) =>
    cancelRequestedAt !== undefined && state !== "cancelled" ? `${state}, being stopped` : paintState(call.out.paint, state)); // prettier-ignore
