// Every verb that writes, with its process killed between any two of its writes, and with every request refused or unanswered at
// first: afterwards everything is as it would have been.
import { ScanCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, describe, expect, test } from "vitest";
import type { DynamoStore } from "../../shared/adapters/aws/dynamodb/index.ts";
import { inTurn } from "../../shared/adapters/aws/dynamodb/table.ts";
import { evaluateGroup, nextGroup } from "../../shared/domain/group.ts";
import { isFinished } from "../../shared/domain/job.ts";
import { openDynamoStore, type OpenedDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { mortal, throttled, unanswered, type Faulty } from "../support/faulty.ts";
import { aGraph, aGroup, aKey, aRecord, needsFailureOf, numbered, type GivenJob } from "./store/given.ts";
import { typesOf } from "./store/promise.ts";
import { aPlainRecord, completePlain, startPlain } from "./store/plain.ts";
import { cancel, complete, ended, fail, idsOf, jobOf, releaseAll, retry, submit, submitted, take } from "./store/steps.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

const HOUR = 3_600_000;
/** With an id, a tag and a lane each, they are more than a transaction holds. */
const JOBS = 27;

interface Step {
  readonly name: string;
  /** All that is looked at in the end. */
  readonly jobs: readonly string[];
  readonly given?: (store: DynamoStore, table: OpenedDynamoStore) => Promise<unknown>;
  /** May be called again, as its caller would: what is done already is left alone. */
  readonly act: (store: DynamoStore, table: OpenedDynamoStore) => Promise<unknown>;
  /** Nothing that a process leaves undone is lost: whoever comes next goes on. */
  readonly isRecovered: boolean;
}

const now = (): { createdAt: number } => ({ createdAt: Date.now() });
const record = (name: string, given: GivenJob = {}) => aRecord(name, { ...now(), ...given });
const takeAll = (store: DynamoStore) => take(store, 100, { now: Date.now() });
const unlessEnded = async (store: DynamoStore, id: string, end: () => Promise<unknown>): Promise<void> => {
  if (!isFinished(await jobOf(store, id))) await end();
};

/** A family: two children need `p`, one its failure, and one needs a child. */
const family = () => {
  const p = "p";
  return aGraph(
    [
      record("p", { batchId: "bat_1", pool: "pool" }),
      record("q", { pool: "pool" }),
      record("a", { after: [p], batchId: "bat_1" }),
      record("b", { after: [p, "q"], tags: ["t"] }),
      record("rescue", { after: [needsFailureOf(p)] }),
      record("c", { after: ["rescue"] }),
    ],
    { group: aGroup("bat_1", 2) },
  );
};
const FAMILY = ["p", "q", "a", "b", "rescue", "c"];

const steps: readonly Step[] = [
  {
    name: "a plain job is submitted, started and completed",
    jobs: [],
    act: async (store) => {
      const one = aPlainRecord();
      await submitted(store, aGraph([one]));
      await startPlain(store, one.job.id);
      await completePlain(store, one.job.id);
      expect(await typesOf(store, one.job.id)).toEqual(["job.created", "job.started", "job.completed"]);
    },
    isRecovered: false,
  },
  {
    name: "a small graph is submitted behind a parent that has ended and one that has not",
    jobs: ["done", "open", "a", "b"],
    given: async (store) => {
      await submitted(store, aGraph([record("done"), record("open")]));
      await takeAll(store);
      await complete(store, "done");
    },
    act: (store) => {
      const records = [
        record("a", { after: ["done"], batchId: "bat_1", pool: "pool", tags: ["t"] }),
        record("b", { after: ["a", "open"], batchId: "bat_1" }),
      ];
      return store.submitGraph(aGraph(records, { group: aGroup("bat_1", 2), key: aKey("key", { untilMs: Date.now() + HOUR }) }));
    },
    isRecovered: true,
  },
  {
    name: "a graph too large for one transaction is submitted behind a parent that has ended",
    jobs: ["done", ...numbered("j", JOBS)],
    given: async (store) => {
      await submitted(store, aGraph([record("done")]));
      await takeAll(store);
      await complete(store, "done");
    },
    act: (store) => {
      const records = numbered("j", JOBS).map((name, index) =>
        record(name, {
          batchId: "bat_1",
          tags: ["t"],
          after: index === 0 ? ["done"] : index < 3 ? ["j-000"] : [],
        }),
      );
      return store.submitGraph(aGraph(records, { group: aGroup("bat_1", JOBS) }));
    },
    isRecovered: true,
  },
  {
    name: "a job with dependants is settled, and its slot goes to the next",
    jobs: FAMILY,
    given: async (store) => {
      await submitted(store, family());
      await takeAll(store);
    },
    act: async (store) => {
      const id = "p";
      await unlessEnded(store, id, async () => releaseAll(store, (await fail(store, id, Date.now())).unreleased));
    },
    isRecovered: true,
  },
  {
    name: "dependants that nobody told are told",
    jobs: FAMILY,
    given: async (store, table) => {
      await submitted(store, family());
      await takeAll(store);
      // Two reads and the settle.
      await complete(table.again({ client: mortal(local!.client, 3).client }), "p").catch(() => undefined);
    },
    act: (store) => releaseAll(store, ["p"]),
    isRecovered: true,
  },
  {
    name: "turns are taken, touched and given back by a cancel",
    jobs: ["p", "q"],
    given: (store) => submitted(store, aGraph([record("p", { pool: "pool" }), record("q", { pool: "pool" })])),
    act: async (store) => {
      for (const { job } of await takeAll(store)) {
        const progress = { percent: 1, stage: null, details: {}, at: 1 };
        expect(await store.touch([{ job: job.id, attemptId: job.attemptId!, leaseUntil: 7, progress }])).toEqual([]);
      }
      await unlessEnded(store, "q", () => cancel(store, "q"));
    },
    isRecovered: false,
  },
  {
    name: "a job is retried by hand, and whoever was cancelled for it waits again",
    jobs: FAMILY,
    given: async (store) => {
      await submitted(store, family());
      await takeAll(store);
      await releaseAll(store, (await fail(store, "p", Date.now())).unreleased);
    },
    act: (store) => retry(store, "p"),
    isRecovered: false,
  },
  {
    name: "a batch ends, and is swept away with its jobs",
    jobs: [],
    given: async (store) => {
      await submitted(store, aGraph([record("a", { batchId: "bat_1", retentionMs: 0, tags: ["t"] })], { group: aGroup("bat_1", 1) }));
      await takeAll(store);
      await complete(store, "a");
    },
    act: async (store, { tableName }) => {
      const found = await store.group("bat_1");
      const end = found && evaluateGroup(found.group, found.tally, null, 5);
      if (end?.do === "end") expect(await store.commit({ groups: [end.decision] })).toEqual({ ok: true, queued: [], ended: [], unreleased: [], idleGroups: [] }); // prettier-ignore
      while ((await store.sweep(Date.now() + HOUR, 50)).length > 0);
      expect([await store.group("bat_1"), await store.job("a")]).toEqual([null, null]);
      expect((await local!.client.send(new ScanCommand({ TableName: tableName }))).Items).toEqual([]);
    },
    isRecovered: true,
  },
  {
    name: "a workflow is stored, removed and stored again, and a batch is paused",
    jobs: [],
    given: (store) => submitted(store, aGraph([record("a", { batchId: "bat_1" })], { group: aGroup("bat_1", 1) })),
    act: async (store) => {
      const name = "w";
      const put = (version: number) =>
        store.putWorkflow({ name, version, createdAt: 1, deletedAt: null, definition: "{}" }, [{ type: "workflow.updated", data: { name, version } }]); // prettier-ignore
      expect([await put(1), await store.removeWorkflow(name, 2), await put(2), await put(2)]).toEqual([
        { ok: true },
        true,
        { ok: true },
        { ok: false },
      ]);
      const { group } = (await store.group("bat_1"))!;
      expect(await store.commit({ groups: [nextGroup(group, { state: "paused" })] })).toMatchObject({ ok: true });
      await submit(store, "own", now());
      await ended(store, "other", "completed", now());
      expect(await store.uidForFiles("own")).not.toBeNull();
    },
    isRecovered: false,
  },
];

/** Everything that can be seen of a step's jobs and its batch. */
async function world(store: DynamoStore, step: Step): Promise<unknown> {
  const jobs = await Promise.all(
    step.jobs.map(async (id) => {
      const { state, lane, version } = await jobOf(store, id);
      return { id, state, lane, version, types: await typesOf(store, id) };
    }),
  );
  return { jobs, tally: (await store.group("bat_1"))?.tally, turns: idsOf(await takeAll(store)).toSorted() };
}

/** As the engine does it every few minutes. */
async function recover(store: DynamoStore): Promise<void> {
  await releaseAll(store, await store.unreleased(100));
}

interface Way {
  readonly client?: Faulty<DynamoDBClient>;
  readonly isRecovered?: boolean;
}

/** On a table of its own. Answers what is seen in the end. */
async function after(step: Step, { client, isRecovered = false }: Way = {}): Promise<unknown> {
  const table = await openDynamoStore(local!.client, { hasRelay: false });
  await step.given?.(table.store, table);
  const acting = client ? table.again({ client: client.client }) : table.store;
  const act = step.act(acting, table);
  await (isRecovered ? act.catch(() => undefined) : act);
  if (isRecovered) {
    // Late enough for whatever was given up to be taken for that.
    const later = table.again({ now: () => Date.now() + HOUR });
    await recover(later);
    await step.act(table.store, table);
    await recover(later);
  }
  const seen = await world(table.store, step);
  await table.close();
  return seen;
}

const AT_ONCE = 3;
/** Of a large graph's many writes, which are all of one kind; EVERY=1 takes all of them, which takes minutes. */
const DEATHS_MAX = process.env.EVERY === "1" ? Infinity : 14;

/** Evenly, with the first and the last. */
const someOf = (deaths: readonly number[]): number[] =>
  deaths.filter((_, index) => deaths.length <= DEATHS_MAX || index === deaths.length - 1 || Math.floor((index * DEATHS_MAX) / deaths.length) !== Math.floor(((index - 1) * DEATHS_MAX) / deaths.length)); // prettier-ignore

const isRead = (command: string): boolean => /^(Get|BatchGet|Query)/.test(command);

describe.skipIf(local === null)("on DynamoDB", () => {
  for (const step of steps) {
    test(`${step.name}: also if each request is refused at first, or done but not answered`, { timeout: 120_000 }, async () => {
      const expected = await after(step);
      for (const faulty of [throttled, unanswered]) expect(await after(step, { client: faulty(local!.client) })).toEqual(expected);
    });
  }

  for (const step of steps.filter(({ isRecovered }) => isRecovered)) {
    test(`${step.name}: also if the process is killed between any two of its writes`, { timeout: 300_000 }, async () => {
      const whole = mortal(local!.client, Infinity);
      const expected = await after(step, { client: whole, isRecovered: true });
      // Whoever dies after a read has done no more than whoever died before it.
      const deaths = [0, ...whole.sent.flatMap((name, index) => (isRead(name) ? [] : [index + 1]))];
      expect(deaths.length).toBeGreaterThan(3);
      await inTurn(someOf(deaths), AT_ONCE, async (requests) => {
        const seen = await after(step, { client: mortal(local!.client, requests), isRecovered: true });
        expect(seen, `killed after ${requests} of ${whole.sent.length} requests`).toEqual(expected);
      });
    });
  }
});
