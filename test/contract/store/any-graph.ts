// Random small graphs with random outcomes, against a model of ten lines.
import fc from "fast-check";
import { expect } from "vitest";
import { conditions, isSkipped, meets, type Condition } from "../../../shared/domain/dependency.ts";
import type { EndState } from "../../../shared/domain/job.ts";
import type { Store } from "../../../shared/ports/store.ts";
import { aGraph, aGroup, aRecord, LANE } from "./given.ts";
import { eventsOf, type Promised } from "./promise.ts";
import { complete, fail, jobOf, releaseAll, submitted, take } from "./steps.ts";

interface Node {
  readonly parents: readonly { readonly index: number; readonly on: Condition }[];
  readonly outcome: "completed" | "failed";
}

interface Plan {
  readonly nodes: readonly Node[];
  /** These many are submitted first; the others when some of the first have ended. */
  readonly first: number;
  readonly turnsAtATime: number;
  readonly inPool: boolean;
}

const nodeAt = (index: number) =>
  fc.record({
    parents: fc
      .uniqueArray(fc.record({ index: fc.nat({ max: Math.max(0, index - 1) }), on: fc.constantFrom(...conditions) }), {
        selector: ({ index: at }) => at,
        maxLength: 3,
      })
      .map((parents) => (index === 0 ? [] : parents)),
    outcome: fc.constantFrom("completed" as const, "completed" as const, "failed" as const),
  });

const plans: fc.Arbitrary<Plan> = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc.record({
    nodes: fc.tuple(...Array.from({ length: size }, (_, index) => nodeAt(index))),
    first: fc.integer({ min: 1, max: size }),
    turnsAtATime: fc.integer({ min: 1, max: 3 }),
    inPool: fc.boolean(),
  }),
);

/** What must become of each job. */
function expectedEnds(nodes: readonly Node[]): (EndState | "skipped")[] {
  const ends: (EndState | "skipped")[] = [];
  const stateOf = (index: number): EndState => (ends[index] === "skipped" ? "cancelled" : (ends[index] as EndState));
  for (const { parents, outcome } of nodes) {
    const unmet = parents.filter(({ index, on }) => !meets(on, stateOf(index)));
    const isPointless = unmet.length > 0 && unmet.every(({ index, on }) => isSkipped(on, stateOf(index)));
    ends.push(unmet.length === 0 ? outcome : isPointless ? "skipped" : "cancelled");
  }
  return ends;
}

const ENDS = new Set(["job.completed", "job.failed", "job.cancelled"]);

async function endsOf(store: Store, name: string, { nodes, first, turnsAtATime, inPool }: Plan): Promise<string[]> {
  const idOf = (index: number) => `${name}-${index}`;
  const batchId = `bat_${name}`;
  const records = nodes.map(({ parents }, index) =>
    aRecord(idOf(index), {
      batchId,
      pool: inPool ? name : null,
      limit: 2,
      after: parents.map(({ index: parent, on }) => ({ job: idOf(parent), on })),
    }),
  );
  const work = async (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      const turns = await take(store, turnsAtATime, { lane: LANE });
      if (turns.length === 0) return;
      const settling = turns.map(({ job: { id } }) =>
        nodes[Number(id.split("-").at(-1))]!.outcome === "completed" ? complete(store, id) : fail(store, id),
      );
      for (const { unreleased } of await Promise.all(settling)) await releaseAll(store, unreleased);
    }
  };
  await submitted(store, aGraph(records.slice(0, first), { group: aGroup(batchId, nodes.length) }));
  await work(2);
  if (first < nodes.length) await submitted(store, aGraph(records.slice(first)));
  await work(100);

  return Promise.all(
    nodes.map(async (_, index) => {
      const [job, events] = [await jobOf(store, idOf(index)), await eventsOf(store, idOf(index))];
      expect(events.filter(({ type }) => ENDS.has(type))).toHaveLength(1);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((__, at) => at + 1));
      return job.endReason?.skipped ? "skipped" : job.state;
    }),
  );
}

export function anyGraphPromises(promise: Promised, numRuns: number): void {
  promise("any graph with any outcomes ends with every job finished exactly once, as its edges say", async (store) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const name = `g${runs++}`;
        const expected = expectedEnds(plan.nodes);
        expect(await endsOf(store, name, plan)).toEqual(expected);
        const tally = Object.fromEntries([...Map.groupBy(expected, (end) => end)].map(([end, { length }]) => [end, length]));
        expect((await store.group(`bat_${name}`))!.tally).toEqual(tally);
      }),
      { numRuns, seed: 20260101 },
    );
  });
}
