// The engine of processes that hold no attempts, over a real store; queues are lists, and time is the test's.
import type { Job } from "../../../shared/domain/job.ts";
import type { JobInput } from "../../../shared/domain/spec-schema.ts";
import { remoteContext, type RemoteContext } from "../../../shared/engine/remote/context.ts";
import { submitJob } from "../../../shared/engine/submit.ts";
import type { ExecutorKind } from "../../../shared/ports/executor.ts";
import type { RemotePlatform } from "../../../shared/ports/platform.ts";
import type { Store } from "../../../shared/ports/store.ts";

/** A store, and how an execution claims an attempt in it, at the test's time. False = somebody else has it, or it is over. */
export interface Place {
  readonly store: Store;
  readonly claim: (job: Job, at: number, leaseUntil: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export interface Told {
  readonly job: string;
  readonly attemptId: string;
  readonly isRepeated: boolean;
}

export interface Remote {
  readonly context: RemoteContext;
  /** Turns that were handed over, and times that were told to the queue. */
  readonly turns: Told[];
  readonly wakes: { readonly job: string; readonly at: number }[];
  /** Another process on the same queues, with a store of its own. */
  processWith(store: Store): RemoteContext;
  /** What SQS would do from now on: lose every message. */
  loseMessages: boolean;
  passes(ms: number): void;
  now(): number;
  submit(input: JobInput): Promise<string>;
  job(id: string): Promise<Job>;
  types(id: string): Promise<string[]>;
  /** As an execution does it. */
  claim(id: string, leaseMs?: number): Promise<string>;
  close(): Promise<void>;
}

const lambda: ExecutorKind = { name: "lambda", types: ["function"], accepts: () => null };

export function openRemote({ store, claim, close }: Place): Remote {
  let now = Date.now();
  const [turns, wakes]: [Remote["turns"], Remote["wakes"]] = [[], []];
  const platform: RemotePlatform = {
    store,
    executors: [lambda],
    functions: { get: () => undefined, functions: () => [] },
    logs: { read: async () => ({ lines: [], more: false }), tail: async () => [], remove: async () => {} },
    artifacts: { list: async () => ({ items: [] }), open: async () => null, remove: async () => {} },
    clock: { now: () => now, at: () => () => undefined },
    random: () => 0.5,
    secrets: { refusal: () => "is none", read: () => null },
    handover: {
      reachMs: 15 * 60_000,
      turns: async (jobs, isRepeated = false) => {
        if (!remote.loseMessages) turns.push(...jobs.map(({ id, attemptId }) => ({ job: id, attemptId: attemptId!, isRepeated })));
      },
      wake: async (job, at) => {
        if (!remote.loseMessages) wakes.push({ job, at });
      },
    },
    storage: {
      appendLog: async () => {},
      artifactUploads: async () => [],
      resultUpload: async () => ({ url: "", headers: {} }),
      uploadedResult: async () => null,
      checkpoint: async () => null,
      saveCheckpoint: async () => {},
    },
  };
  const context = remoteContext(platform);
  const processWith = (other: Store): RemoteContext => remoteContext({ ...platform, store: other });
  const job = async (id: string): Promise<Job> => (await store.job(id))!.job;
  const remote: Remote = {
    context,
    processWith,
    turns,
    wakes,
    loseMessages: false,
    passes: (ms) => void (now += ms),
    now: () => now,
    submit: async (input) => {
      const accepted = await submitJob(context, input);
      await context.settled();
      return (accepted as { made: { job: Job } }).made.job.id;
    },
    job,
    types: async (id) => (await store.events({ job: id, limit: 200 })).items.map(({ type }) => type),
    claim: async (id, leaseMs = 90_000) => {
      const before = await job(id);
      if (!(await claim(before, now, now + leaseMs))) throw new Error(`${id} could not be claimed`);
      return before.attemptId!;
    },
    close: async () => {
      await context.settled();
      await close();
    },
  };
  return remote;
}
