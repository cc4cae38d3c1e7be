// One attempt in its Lambda, from the event to the answer.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { filesOf } from "../../../attempt/folder.ts";
import type { AttemptGiven, FunctionAnswer, FunctionCall, GivenToFunction } from "../../../attempt/function-call.ts";
import { Mask } from "../../../attempt/mask.ts";
import { AttemptClient } from "../../../attempt/protocol-client.ts";
import type { Outcome } from "../../../domain/attempt.ts";
import { travelling } from "./answer.ts";
import { storeArtifacts } from "./artifacts.ts";
import { Beats } from "./beats.ts";
import type { JobThread } from "./job-thread.ts";
import { limitsOf } from "./limits.ts";
import { LogShipper } from "./log-shipper.ts";
import { ProgressSoFar } from "./progress-so-far.ts";
import { Stopper } from "./stopper.ts";

export interface Surroundings {
  readonly thread: JobThread;
  /** The thread's: in it each attempt has a folder, named by its id. */
  readonly folder: string;
  /** Of the Lambda's own time. */
  remainingMs(): number;
}

/** For what goes wrong after the deadline of a request: an answer must still leave. */
const ANSWER_MS = 500;

/** Rejects for nothing that an attempt may do. */
export async function attend(call: FunctionCall, around: Surroundings): Promise<FunctionAnswer> {
  const invokedAt = performance.now();
  const client = new AttemptClient({ ...call.api, attemptId: call.attemptId });
  const given = call.given ?? (await fetched(client, around));
  if ("lost" in given || "failure" in given) return { outcome: given };
  const folder = join(around.folder, call.attemptId);
  try {
    const isDeadline = call.timeoutCode === "job.deadline_exceeded";
    const timeoutMs = Math.max(0, call.timeoutMs - (isDeadline ? performance.now() - invokedAt : 0));
    return await run({ ...call, timeoutMs }, given, client, folder, around);
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }
}

const within = (around: Surroundings): AbortSignal => AbortSignal.timeout(Math.max(0, Math.round(around.remainingMs() - ANSWER_MS)));

const fetched = (client: AttemptClient, around: Surroundings): Promise<AttemptGiven | { readonly lost: string }> =>
  client.given(within(around)).catch((error: Error) => ({ lost: `What the function is given could not be fetched: ${error.message}` }));

async function run(
  call: FunctionCall,
  given: GivenToFunction,
  client: AttemptClient,
  folder: string,
  around: Surroundings,
): Promise<FunctionAnswer> {
  const files = filesOf(folder);
  const progress = new ProgressSoFar();
  const logs = new LogShipper(files.log, client);
  const stopper = new Stopper(around.thread, call, limitsOf(call, around.remainingMs()));
  const beats = new Beats({
    client,
    logs,
    progress,
    hear: ({ cancel, isCurrent }) => {
      if (!isCurrent) stopper.stop("orphaned");
      else if (cancel) stopper.stop("cancel");
    },
  });
  const { attemptId, attempt, job, outputFiles } = call;
  const ran = await around.thread.run(
    { attemptId, attempt, job, outputFiles, ...given },
    {
      progress: (news) => progress.tell(news),
      readCheckpoint: () => client.checkpoint(),
      saveCheckpoint: (text) => client.saveCheckpoint(text),
    },
  );
  stopper.end();
  const ended = stopper.named(ran);
  const isOrphaned = stopper.reason === "orphaned";
  const signal = within(around);
  const outcome = isOrphaned ? ended : await left(masked(ended, given.secrets), files.artifacts, client, signal);
  await beats.end();
  const tail = isOrphaned ? null : await logs.finish(signal);
  logs.close();
  const news = progress.unsaid;
  return { outcome, ...(tail && { logs: tail }), ...(news && { progress: news }) };
}

/** Also of an attempt that failed: what it made may tell why. But a result without its artifacts is none. */
async function left(outcome: Outcome, artifacts: string, client: AttemptClient, signal: AbortSignal): Promise<FunctionAnswer["outcome"]> {
  const [stored, answer] = await Promise.allSettled([storeArtifacts(artifacts, client, signal), travelling(outcome, client, signal)]);
  if (answer.status === "fulfilled" && (stored.status === "fulfilled" || !("result" in outcome))) return answer.value;
  const problem = [answer, stored].find((part) => part.status === "rejected");
  return { lost: `What the function left could not be stored: ${problem ? (problem.reason as Error).message : ""}` };
}

/** What others than its thread say of it may quote it, too. */
const masked = (outcome: Outcome, secrets: readonly string[]): Outcome =>
  "lost" in outcome ? { ...outcome, lost: new Mask(secrets).text(outcome.lost) } : outcome;
