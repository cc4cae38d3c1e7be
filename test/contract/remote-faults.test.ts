// Every step of jobs that run elsewhere, with every request of it going wrong in turn: no job is lost, none ends twice, and what a dead
// process left undone is put right by the clock and by recovery.
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { Outcome } from "../../shared/domain/attempt.ts";
import { lookAgain } from "../../shared/engine/remote/look-again.ts";
import { recover } from "../../shared/engine/remote/recover.ts";
import { settleAttempt } from "../../shared/engine/remote/settle.ts";
import { tick } from "../../shared/engine/remote/clock.ts";
import type { RemoteContext } from "../../shared/engine/remote/context.ts";
import { submitBatch, submitJob } from "../../shared/engine/submit.ts";
import { cancelJob, retryJob } from "../../shared/engine/steer.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { openDynamoStore, type OpenedDynamoStore } from "../support/dynamo-store.ts";
import { mortal, throttled, unanswered, type Faulty } from "../support/faulty.ts";
import { claimAs } from "./remote/claim.ts";
import { openRemote, type Remote } from "./remote/given.ts";

const local = await startDynamoDbLocal();
// Of processes that are killed.
vi.spyOn(console, "error").mockImplementation(() => undefined);
afterAll(() => local?.stop());

const BROKEN: Outcome = { failure: { code: "user.broken", message: "It broke.", retryable: true } };
const DONE: Outcome = { result: '"done"' };
const RETRY = { maxAttempts: 3, delay: "2s", jitter: "none", policy: "fixed" } as const;

interface Stage {
  readonly remote: Remote;
  readonly opened: OpenedDynamoStore;
  readonly known: string[];
}

interface Step {
  readonly name: string;
  /** What has happened before it. */
  readonly given?: (stage: Stage) => Promise<void>;
  readonly run: (context: RemoteContext, stage: Stage) => Promise<unknown>;
}

const claimed = async ({ remote }: Stage, id: string) => ({ job: id, attemptId: await remote.claim(id) });
const submit = async (stage: Stage, input: Parameters<typeof submitJob>[1]): Promise<string> => {
  const id = await stage.remote.submit(input);
  stage.known.push(id);
  return id;
};

const steps: readonly Step[] = [
  { name: "a plain job is submitted", run: (context) => submitJob(context, { function: "f" }) },
  {
    name: "a job with an own id, a tag and a key is submitted",
    run: (context) => submitJob(context, { id: "own", function: "f", tags: ["t"], concurrency: { key: "k" }, retry: RETRY }, { key: "once", bodyHash: "h", untilMs: Date.now() + 60_000, answerOf: () => "{}" }), // prettier-ignore
  },
  {
    name: "a batch with dependencies is submitted",
    run: (context) =>
      submitBatch(context, {
        jobs: [{ function: "f" }, { function: "f", dependencies: [0] }, { function: "f", dependencies: [0, 1] }],
        tolerate: 0,
      }),
  },
  {
    name: "a job that waits for another is submitted",
    given: async (stage) => void (await submit(stage, { id: "parent", function: "f" })),
    run: (context) => submitJob(context, { id: "child", function: "f", dependencies: ["parent"] }),
  },
  {
    name: "an attempt ends well, and its dependants follow",
    given: async (stage) => {
      await submit(stage, { id: "parent", function: "f", concurrency: { key: "k" } });
      await submit(stage, { id: "child", function: "f", dependencies: ["parent"] });
      await submit(stage, { id: "other", function: "f", concurrency: { key: "k" } });
    },
    run: async (context, stage) => settleAttempt(context, { ...(await claimed(stage, "parent")), outcome: DONE }),
  },
  {
    name: "an attempt fails and is to be tried again",
    given: async (stage) => void (await submit(stage, { id: "a", function: "f", retry: RETRY })),
    run: async (context, stage) => settleAttempt(context, { ...(await claimed(stage, "a")), outcome: BROKEN }),
  },
  {
    name: "a job whose back-off is over gets its turn",
    given: async (stage) => {
      await submit(stage, { id: "a", function: "f", retry: RETRY });
      await settleAttempt(stage.remote.context, { ...(await claimed(stage, "a")), outcome: BROKEN });
      stage.remote.passes(2000);
    },
    run: (context) => lookAgain(context, "a"),
  },
  {
    name: "a failed job is retried by hand, and who was cancelled for it comes back",
    given: async (stage) => {
      await submit(stage, { id: "parent", function: "f" });
      await submit(stage, { id: "child", function: "f", dependencies: ["parent"] });
      await settleAttempt(stage.remote.context, {
        ...(await claimed(stage, "parent")),
        outcome: { failure: { code: "user.x", message: "x", retryable: false } },
      });
      await stage.remote.context.settled();
    },
    run: (context) => retryJob(context, "parent"),
  },
  {
    name: "the clock hands a lost turn over again",
    given: async (stage) => {
      stage.remote.loseMessages = true;
      await submit(stage, { id: "a", function: "f" });
      stage.remote.loseMessages = false;
      stage.remote.passes(61_000);
    },
    run: (context) => tick(context),
  },
  {
    name: "a job that has not begun is cancelled",
    given: async (stage) => void (await submit(stage, { id: "a", function: "f" })),
    run: (context) => cancelJob(context, "a"),
  },
];

async function openStage(): Promise<Stage> {
  const opened = await openDynamoStore(local!.client, { hasRelay: false });
  const { store, tableName, close } = opened;
  const table = { client: local!.client, tableName, store };
  return { opened, known: [], remote: openRemote({ store, close, claim: (job, at, lease) => claimAs("arn:1", table, job, at, lease) }) };
}

/** Whatever is there runs to its end, by healthy processes. */
async function runOut({ remote }: Stage): Promise<void> {
  const { context } = remote;
  for (let round = 0; round < 12; round++) {
    const { items } = await context.store.jobs({ limit: 100 });
    const open = items.filter(({ job }) => job.finishedAt === null);
    for (const { job } of open) {
      if (job.state === "starting") await remote.claim(job.id).catch(() => undefined);
      const { state, attemptId } = await remote.job(job.id);
      if (state === "running") await settleAttempt(context, { job: job.id, attemptId: attemptId!, outcome: DONE });
    }
    await context.settled();
    if (open.length === 0) return;
    remote.passes(61_000);
    await tick(context);
    await recover(context);
  }
}

/** Answers what the step sent. */
async function withFault(step: Step, make: (client: DynamoDBClient) => Faulty<DynamoDBClient>): Promise<readonly string[]> {
  const stage = await openStage();
  try {
    await step.given?.(stage);
    const { client, died, sent } = make(local!.client);
    const context = stage.remote.processWith(stage.opened.again({ client }));
    const work = async (): Promise<void> => {
      await step.run(context, stage);
      await context.settled();
    };
    let isKilled = false;
    const killed = died.then(() => void (isKilled = true));
    await Promise.race([work().catch((error: unknown) => (isKilled ? undefined : Promise.reject(error))), killed]);
    const requests = [...sent];
    await runOut(stage);
    await expectAllEnded(stage);
    return requests;
  } finally {
    await stage.remote.close();
  }
}

const ends = new Set(["job.completed", "job.failed", "job.cancelled"]);

async function expectAllEnded({ remote, known }: Stage): Promise<void> {
  const { store } = remote.context;
  const { items } = await store.jobs({ limit: 100 });
  const ids = items.map(({ job }) => job.id);
  expect(ids).toEqual(expect.arrayContaining(known));
  for (const { job } of items) {
    expect(job.finishedAt, `${job.id} is ${job.state}`).not.toBeNull();
    const types = await remote.types(job.id);
    const lives = 1 + types.filter((type) => type === "job.retried" || (type === "job.blocked" && types[0] !== type)).length;
    expect(types.filter((type) => ends.has(type)).length, types.join(" ")).toBe(lives);
  }
  const { items: groups } = await store.groups({ kind: "batch", limit: 10 });
  for (const { group } of groups) expect(group.state).toBe("completed");
}

/** More than any of the steps sends: a step that sends more and more has no bound. */
const MOST_REQUESTS = 120;
const isRead = (command: string): boolean => /^(Get|BatchGet|Query)/.test(command);

describe.skipIf(local === null).each(steps)("when $name", (step) => {
  test.concurrent("and each request is throttled at first, it is done all the same", async () => {
    expect((await withFault(step, throttled)).length).toBeGreaterThan(0);
  });

  test.concurrent("and each request's answer is lost at first, it is done once", async () => {
    expect((await withFault(step, unanswered)).length).toBeGreaterThan(0);
  });

  test.concurrent("and the process is killed between any two writes, nothing is lost and nothing ends twice", async () => {
    const all = await withFault(step, (client) => mortal(client, Infinity));
    expect(all.length).toBeLessThan(MOST_REQUESTS);
    // Whoever dies after a read has done no more than whoever died before it.
    const deaths = [0, ...all.flatMap((name, index) => (isRead(name) ? [] : [index + 1]))];
    for (const requests of deaths) {
      try {
        await withFault(step, (client) => mortal(client, requests));
      } catch (error) {
        throw new Error(`killed after ${requests} of ${all.length} requests: ${(error as Error).message}`, { cause: error });
      }
    }
  }, 120_000);
});
