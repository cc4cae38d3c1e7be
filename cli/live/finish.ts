// How a command ends that waited: the result on stdout, a failure on stderr and exit code 1.
import type { GroupState } from "../../shared/domain/group.ts";
import type { Json } from "../../shared/domain/json.ts";
import type { Call } from "../call.ts";
import { EndedBadly, failed } from "../errors.ts";
import { jobPath, type Job } from "../shown.ts";

/** @throws EndedBadly or CliError unless it completed */
export async function finishJob(call: Call, job: Job): Promise<void> {
  if (call.isJson) {
    call.out.json(job);
    if (job.state !== "completed") throw new EndedBadly();
    return;
  }
  if (job.state !== "completed") throw jobFailure(job);
  const result = job.resultUrl === undefined ? job.result : await call.client.call<Json>("GET", jobPath(job.id, "/result"));
  if (result !== undefined) call.out.json(result);
}

export function jobFailure({ id, state, error, stateReason }: Job): Error {
  const why = error ? `: ${error.code}: ${error.message}` : stateReason ? `: ${stateReason.message}` : "";
  const code = error?.code ?? stateReason?.code ?? `job.${state}`;
  const next =
    state === "failed" ? `\`switchyard job logs ${id}\` shows what it printed.\n\`switchyard job retry ${id}\` tries again.` : undefined;
  return failed(code, `${id} ${state === "failed" ? "failed" : "was cancelled"}${why}`, next);
}

const isGood = (state: GroupState): boolean => state === "completed" || state === "partial";

/** `partial` is good: no more failed than was tolerated. @throws EndedBadly or CliError */
export function finishGroup(
  call: Call,
  kind: "batch" | "run",
  group: { readonly id: string; readonly state: GroupState; readonly result?: Json },
): void {
  if (call.isJson) call.out.json(group);
  else if (isGood(group.state) && group.result !== undefined) call.out.json(group.result);
  if (isGood(group.state)) return;
  if (call.isJson) throw new EndedBadly();
  throw failed(
    `${kind}.${group.state}`,
    `${group.id} ended as ${group.state}.`,
    `\`switchyard ${kind} status ${group.id}\` shows what failed.\n\`switchyard ${kind} retry ${group.id}\` tries that again.`,
  );
}
