// After a wait of the state machine: the job's back-off is over.
import { lookAgain } from "../shared/engine/remote/look-again.ts";
import { engine } from "./runtime.ts";

const context = engine();

export async function handler({ job }: { readonly job: string }): Promise<{ readonly do: "end" }> {
  await lookAgain(context, job);
  await context.settled();
  return { do: "end" };
}
