// A process that submits and settles jobs without pause and says which of them were acknowledged, until it is killed.
import { settled } from "../../../shared/domain/attempt.ts";
import { SqliteStore } from "../../../shared/adapters/local/sqlite/sqlite-store.ts";
import { aGraph, aRecord, LANE, NOW } from "./given.ts";

const store = await SqliteStore.open(process.argv[2]!);

async function submitForever(name: string): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `${name}-${n}`;
    const answer = await store.submitGraph(aGraph([aRecord(id, { params: JSON.stringify("x".repeat(300)) })]));
    if (answer.ok) process.stdout.write(`submitted ${id}\n`);
  }
}

async function settleForever(): Promise<never> {
  for (;;) {
    const turns = await store.takeTurns({ lanes: [{ lane: LANE, max: 20 }], now: NOW, leaseUntil: null, announce: false });
    const end = { outcome: { result: "1" }, startedAt: NOW, now: NOW, chance: 0 };
    const settle = async ({ job }: (typeof turns)[number]) => {
      if ((await store.commit({ jobs: [{ ...settled(job, end), before: job, result: "1" }] })).ok)
        process.stdout.write(`completed ${job.id}\n`);
    };
    await Promise.all(turns.map(settle));
  }
}

await Promise.all([submitForever("a"), submitForever("b"), submitForever("c"), settleForever()]);
