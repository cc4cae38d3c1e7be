// Every verb that writes, with its process killed between any two of its requests, and with every request refused or unanswered at
// first: afterwards everything is as it would have been.
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DynamoStore } from "../../shared/adapters/aws/dynamodb/index.ts";
import { evaluateGroup, nextGroup } from "../../shared/domain/group.ts";
import { isFinished } from "../../shared/domain/job.ts";
import { openDynamoStore, type OpenedDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { mortal, throttled, unanswered } from "../support/faulty.ts";
import { aGraph, aGroup, aKey, aRecord, needsFailureOf, numbered, type GivenJob } from "./store/given.ts";
import { typesOf } from "./store/promise.ts";
import { aPlainRecord, completePlain, startPlain } from "./store/plain.ts";
import { cancel, complete, ended, fail, jobOf, releaseAll, retry, submit, submitted, take } from "./store/steps.ts";

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
const lane = (run: Run): string => `executor:${"node"}`;
const record = (run: Run, name: string, given: GivenJob = {}) => aRecord(run.in(name), { ...now(), executor: "node", ...given });
const takeIn = (store: DynamoStore, run: Run) => take(store, 100, { lane: lane(run), now: Date.now() });
const unlessEnded = async (store: DynamoStore, id: string, end: () => Promise<unknown>): Promise<void> => {
  if (!isFinished(await jobOf(store, id))) await end();
};

/** A family: two children need `p`, one its failure, and one needs a child. */
const family = (run: Run) => {
  const p = "p";
  return aGraph(
    [
      record(run, "p", { batchId: "bat_1", pool: "pool" }),
      record(run, "q", { pool: "pool" }),
      record(run, "a", { after: [p], batchId: "bat_1" }),
      record(run, "b", { after: [p, "q"], tags: ["t"] }),
      record(run, "rescue", { after: [needsFailureOf(p)] }),
      record(run, "c", { after: ["rescue"] }),
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
    given: async (store, run) => {
      await submitted(store, aGraph([record(run, "done"), record(run, "open")]));
      await takeIn(store, run);
      await complete(store, "done");
    },
    act: (store, run) => {
      const records = [
        record(run, "a", { after: ["done"], batchId: "bat_1", pool: "pool", tags: ["t"] }),
        record(run, "b", { after: ["a", "open"], batchId: "bat_1" }),
      ];
      return store.submitGraph(
        aGraph(records, { group: aGroup("bat_1", 2), key: aKey("key", { untilMs: Date.now() + HOUR }) }),
      );
    },
    isRecovered: true,
  },
  {
    name: "a graph too large for one transaction is submitted behind a parent that has ended",
    jobs: ["done", ...numbered("j", JOBS)],
    given: async (store, run) => {
      await submitted(store, aGraph([record(run, "done")]));
      await takeIn(store, run);
      await complete(store, "done");
    },
    act: (store, run) => {
      const records = numbered("j", JOBS).map((name, index) =>
        record(run, name, {
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
    given: async (store, run) => {
      await submitted(store, family(run));
      await takeIn(store, run);
    },
    act: async (store, run) => {
      const id = "p";
      await unlessEnded(store, id, async () => releaseAll(store, (await fail(store, id, Date.now())).unreleased));
    },
    isRecovered: true,
  },
  {
    name: "dependants that nobody told are told",
    jobs: FAMILY,
    given: async (store, run) => {
      await submitted(store, family(run));
      await takeIn(store, run);
      // Two reads and the settle.
      await complete(opened.again({ client: mortal(local!.client, 3).client }), "p").catch(() => undefined);
    },
    act: (store, run) => releaseAll(store, ["p"]),
    isRecovered: true,
  },
  {
    name: "turns are taken, touched and given back by a cancel",
    jobs: ["p", "q"],
    given: (store, run) =>
      submitted(store, aGraph([record(run, "p", { pool: "pool" }), record(run, "q", { pool: "pool" })])),
    act: async (store, run) => {
      for (const { job } of await takeIn(store, run)) {
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
    given: async (store, run) => {
      await submitted(store, family(run));
      await takeIn(store, run);
      await releaseAll(store, (await fail(store, "p", Date.now())).unreleased);
    },
    act: (store, run) => retry(store, "p"),
    isRecovered: false,
  },
  {
    name: "a batch ends, and is swept away with its jobs",
    jobs: [],
    given: async (store, run) => {
      await submitted(
        store,
        aGraph([record(run, "a", { batchId: "bat_1", retentionMs: 0, tags: ["t"] })], { group: aGroup("bat_1", 1) }),
      );
      await takeIn(store, run);
      await complete(store, "a");
    },
    act: async (store, run) => {
      const found = await store.group("bat_1");
      const end = found && evaluateGroup(found.group, found.tally, null, 5);
      if (end?.do === "end") expect(await store.commit({ groups: [end.decision] })).toEqual({ ok: true, queued: [], ended: [], unreleased: [], idleGroups: [] }); // prettier-ignore
      while ((await store.sweep(Date.now() + HOUR, 50)).length > 0);
      expect([await store.group("bat_1"), await store.job("a")]).toEqual([null, null]);
      const { Items } = await local!.client.send(new ScanCommand({ TableName: opened.tableName }));
      expect(
        (Items ?? []).map((item) => JSON.stringify(item)).filter((item) => item.includes("") || item.includes("bat_1")),
      ).toEqual([]);
    },
    isRecovered: true,
  },
  {
    name: "a workflow is stored, removed and stored again, and a batch is paused",
    jobs: [],
    given: (store, run) =>
      submitted(store, aGraph([record(run, "a", { batchId: "bat_1" })], { group: aGroup("bat_1", 1) })),
    act: async (store, run) => {
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
      await ended(store, "other", "completed", { ...now(), executor: "node" }).catch(() => undefined);
      expect(await store.uidForFiles("own")).not.toBeNull();
    },
    isRecovered: false,
  },
];

let runs = 0;
function aRun(): Run {
  const name = `r${++runs}`;
  return { in: (id) => (id.startsWith("bat_") ? `bat_${name}_${id.slice(4)}` : `${name}-${id}`) };
}

/** Everything that can be seen of a step's jobs and its batch, without the names of the run. */
async function world({ store }: OpenedDynamoStore, step: Step, run: Run): Promise<unknown> {
  const jobs = await Promise.all(
    step.jobs.map(async (name) => {
      const { state, lane: where, version } = await jobOf(store, run.in(name));
      const events = (await store.events({ job: run.in(name), limit: 100 })).items.map(({ seq, type }) => `${seq} ${type}`);
      return { name, state, isInPool: where.startsWith("pool:"), version, events };
    }),
  );
  const ids = (await store.takeTurns({ lanes: [{ lane: lane(run), max: 100 }], now: Date.now(), leaseUntil: 1, announce: false })).map(
    ({ job }) => job.id,
  );
  return {
    jobs,
    tally: (await store.group("bat_1"))?.tally,
    turns: ids.map((id) => step.jobs.find((name) => run.in(name) === id)).toSorted(),
  };
}

/** As the engine does it every few minutes. */
async function recover(store: DynamoStore): Promise<void> {
  await releaseAll(store, await store.unreleased(100));
}

async function finished(step: Step, client = local!.client): Promise<{ run: Run; sent: number }> {
  const run = aRun();
  await step.given?.(opened.store, run);
  const { client: counting, sent } = mortal(client, Infinity);
  await step.act(opened.again({ client: counting }), run);
  return { run, sent: sent.length };
}

describe.skipIf(local === null)("on DynamoDB", () => {
  for (const step of steps) {
    test(`${step.name}: also if each request is refused at first, or done but not answered`, { timeout: 120_000 }, async () => {
      const expected = await world(opened, step, (await finished(step)).run);
      for (const faulty of [throttled, unanswered]) {
        const { run } = await finished(step, faulty(local!.client).client);
        expect(await world(opened, step, run)).toEqual(expected);
      }
    });
  }

  for (const step of steps.filter(({ isRecovered }) => isRecovered)) {
    test(`${step.name}: also if the process is killed after any of its requests`, { timeout: 300_000 }, async () => {
      const { run: whole, sent } = await finished(step);
      await recover(opened.store);
      const expected = await world(opened, step, whole);
      for (let requests = 0; requests < sent; requests++) {
        const run = aRun();
        await step.given?.(opened.store, run);
        await step.act(opened.again({ client: mortal(local!.client, requests).client }), run).catch(() => undefined);
        const later = opened.again({ now: () => Date.now() + HOUR });
        await recover(later);
        await step.act(opened.store, run);
        await recover(later);
        expect(await world(opened, step, run), `killed after ${requests} requests of ${sent}`).toEqual(expected);
      }
    });
  }
});
