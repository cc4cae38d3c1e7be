// A job whose time may have come: the end of a delay or a back-off, its patience, its deadline.
import { due } from "../../domain/begin.ts";
import { changeJob } from "../change.ts";
import { leaveRefused } from "../steer.ts";
import type { RemoteContext } from "./context.ts";

/** Level-triggered: does nothing if it is too early or too late. */
export async function lookAgain(context: RemoteContext, job: string): Promise<void> {
  await leaveRefused(changeJob(context, job, (stored) => due(stored, context.now())));
}
