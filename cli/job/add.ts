// `switchyard job …`
import type { Command } from "commander";
import { groupOf } from "../globals.ts";
import { addArtifacts } from "./artifacts.ts";
import { addDeps } from "./deps.ts";
import { addHistory } from "./history.ts";
import { addList } from "./list.ts";
import { addLogs } from "./logs.ts";
import { addQueue } from "./queue.ts";
import { addResult } from "./result.ts";
import { addStatus } from "./status.ts";
import { addSteering } from "./steer.ts";
import { addSubmit } from "./submit.ts";
import { addWatch } from "./watch.ts";

export function addJob(program: Command): void {
  const group = groupOf(program, "job", "submit jobs, look at them, steer them");
  for (const add of [addSubmit, addList, addStatus, addWatch, addLogs, addResult, addArtifacts, addHistory, addDeps, addQueue, addSteering])
    add(group);
}
