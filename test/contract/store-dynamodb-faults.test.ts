// What is left of a large graph when its writer dies on the way, and what others see of it.
import { TransactWriteItemsCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { NewGraph } from "../../shared/ports/store.ts";
import { openDynamoStore } from "../support/dynamo-store.ts";
import { startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { aGraph, aGroup, aRecord, LANE, numbered } from "./store/given.ts";
import { typesOf } from "./store/promise.ts";
import { cancel, idsOf, stateOf, submit, submitted, take } from "./store/steps.ts";

const local = await startDynamoDbLocal();
afterAll(() => local?.stop());

const JOBS = 60;
const ids = numbered("j", JOBS);
const aLargeGraph = (): NewGraph =>
  aGraph(
    ids.map((id) => aRecord(id, { batchId: "bat_1", tags: ["t"] })),
    { group: aGroup("bat_1", JOBS) },
  );

/** A client that dies at the first transaction that the test names, and answers nothing any more. */
function dyingAt(client: DynamoDBClient, isLast: (keys: string) => boolean): DynamoDBClient {
  let isDead = false;
  const send = async (command: object): Promise<unknown> => {
    if (command instanceof TransactWriteItemsCommand) isDead ||= isLast(JSON.stringify(command.input));
    if (isDead) throw new Error("the process was killed");
    return (client.send as (sent: object) => Promise<unknown>).call(client, command);
  };
  return new Proxy(client, { get: (target, name) => (name === "send" ? send : (Reflect.get(target, name) as unknown)) });
}

async function givenTable() {
  const { client } = local!;
  const { store, again } = await openDynamoStore(client);
  return { store, dying: (isLast: (keys: string) => boolean) => again({ client: dyingAt(client, isLast) }) };
}

const isCommit = (keys: string): boolean => keys.includes('"COMMIT"');
/** Only what is written before a commit is marked, and only afterwards are marks taken off. */
const isFirstPageAfterCommit = (keys: string): boolean => keys.includes("REMOVE");

describe.skipIf(local === null)("a graph too large for one transaction", () => {
  test("is not there, not even in part, if its writer dies before the commit", async () => {
    const { store, dying } = await givenTable();
    await expect(dying(isCommit).submitGraph(aLargeGraph())).rejects.toMatchObject({ code: "store.unavailable" });
    expect(await Promise.all(ids.map((id) => store.job(id)))).toEqual(ids.map(() => null));
    for (const query of [{}, { tags: ["t"] }, { states: ["queued" as const] }, { batchId: "bat_1" }]) {
      expect(await store.jobs({ limit: 5, ...query })).toEqual({ items: [] });
    }
    expect([await store.group("bat_1"), await take(store), await store.counts(), await store.due(Infinity, 5)]).toEqual([null, [], {}, []]);
  });

  test("leaves its ids to others once it must have been given up", async () => {
    const { store, dying } = await givenTable();
    await dying(isCommit)
      .submitGraph(aLargeGraph())
      .catch(() => {});
    expect(await store.submitGraph(aGraph([aRecord("j-007")]))).toMatchObject({ ok: false, because: "id_taken" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    try {
      await submit(store, "j-007");
      await store.unreleased(10);
      await submitted(store, aGraph([aRecord("j-008")]));
    } finally {
      vi.useRealTimers();
    }
    expect((await store.jobs({ limit: 9 })).items.map(({ job }) => job.id)).toEqual(["j-008", "j-007"]);
  });

  test("is there whole if its writer dies after the commit, and whoever comes next finishes it", async () => {
    const { store, dying } = await givenTable();
    await expect(dying(isFirstPageAfterCommit).submitGraph(aLargeGraph())).rejects.toMatchObject({ code: "store.unavailable" });
    expect(new Set(await Promise.all(ids.map((id) => stateOf(store, id))))).toEqual(new Set(["queued"]));
    expect((await store.group("bat_1"))?.tally).toEqual({ queued: JOBS });
    expect((await store.jobs({ limit: 100, tags: ["t"] })).items).toHaveLength(JOBS);
    await cancel(store, "j-003");
    expect(await typesOf(store, "j-003")).toEqual(["job.created", "job.cancelled"]);
    await store.unreleased(10);
    const turns = await store.takeTurns({ lanes: [{ lane: LANE, max: JOBS }], now: Date.now(), leaseUntil: null, announce: false });
    expect(idsOf(turns).toSorted()).toEqual(ids.filter((id) => id !== "j-003"));
  });

  test("is found by recovery if nobody touches it after its writer died", async () => {
    const { store, dying } = await givenTable();
    await dying(isFirstPageAfterCommit)
      .submitGraph(aLargeGraph())
      .catch(() => {});
    expect(await take(store)).toEqual([]);
    await store.unreleased(10);
    expect(await take(store)).toHaveLength(JOBS);
  });
});
