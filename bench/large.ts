// With many jobs in the store: a claim behind 100,000 that wait for a full key, and pages of lists over a million.
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GroupCommit, type Operation } from "../shared/adapters/local/sqlite/group-commit.ts";
import { openDatabase } from "../shared/adapters/local/sqlite/open.ts";
import { Reads } from "../shared/adapters/local/sqlite/reads.ts";
import { settled } from "../shared/domain/attempt.ts";
import { packOperation, unpackOperation } from "../shared/adapters/local/sqlite/wire.ts";
import { submitted } from "../shared/domain/begin.ts";
import { newId } from "../shared/domain/ids.ts";
import { executorLane, type Job } from "../shared/domain/job.ts";
import { noRetry } from "../shared/domain/retry.ts";
import type { JobQuery, NewRecord, Turn } from "../shared/ports/store.ts";
import { record } from "./report.ts";
import { median, percentile } from "./support.ts";

const rows = Number(process.env.ROWS ?? 1_000_000);

function newRecord(pool: string | null, priority: number, changes: Partial<Job> = {}): NewRecord {
  const { job, facts } = submitted({
    id: newId("job"),
    type: "function",
    functionName: "noop",
    executor: "node",
    createdAt: Date.now(),
    retry: noRetry,
    pool,
    priority,
  });
  return {
    job: { ...job, ...changes },
    facts,
    body: { spec: '{"function":"noop","type":"function","executor":"node"}', params: "{}", tags: [] },
    dependencies: [],
    poolLimit: 1,
  };
}

function withDatabase(work: (run: (operation: Operation) => unknown, reads: Reads) => void): void {
  const dir = mkdtempSync(join(process.env.FOLDER ?? tmpdir(), "switchyard-bench-"));
  const database = openDatabase(join(dir, "bench.db"));
  const committer = new GroupCommit(database);
  const run = (operation: Operation): unknown => {
    const [answer] = committer.run([unpackOperation(packOperation(operation))]);
    if (!answer || "error" in answer) throw new Error(JSON.stringify(answer));
    return answer.value;
  };
  work(run, new Reads(database));
  database.close();
  rmSync(dir, { recursive: true, force: true });
}

function fill(run: (operation: Operation) => unknown, count: number, make: (index: number) => NewRecord): void {
  for (let from = 0; from < count; from += 5000) {
    run({
      op: "submitGraph",
      graph: { records: Array.from({ length: Math.min(5000, count - from) }, (_, index) => make(from + index)), group: null, key: null },
    });
  }
}

const lane = executorLane("node");

/** The time of the claim itself, its fsync included. */
export function claimBehindFullKey(): void {
  withDatabase((run) => {
    fill(run, 100_000, () => newRecord("full", 9));
    run({ op: "takeTurns", ask: { lanes: [{ lane, max: 1 }], now: Date.now(), leaseUntil: null, announce: false } });
    const times: number[] = [];
    for (let index = 0; index < 500; index++) {
      run({ op: "submitGraph", graph: { records: [newRecord(null, 0)], group: null, key: null } });
      const before = performance.now();
      const [turn] = run({
        op: "takeTurns",
        ask: { lanes: [{ lane, max: 1 }], now: Date.now(), leaseUntil: null, announce: false },
      }) as Turn[];
      times.push(performance.now() - before);
      const decision = settled(turn!.job, { outcome: { result: "1" }, startedAt: Date.now(), now: Date.now(), chance: 0 });
      run({ op: "commit", change: { jobs: [{ ...decision, before: turn!.job }] } });
    }
    record("claim behind 100,000 that wait for a full key, with fsync, p50", median(times), "ms");
    claimAlone(run);
  });
}

/** Twenty in one transaction: what one claim adds to a batch that leaves anyway. */
function claimAlone(run: (operation: Operation) => unknown): void {
  const times: number[] = [];
  for (let index = 0; index < 50; index++) {
    run({ op: "submitGraph", graph: { records: Array.from({ length: 20 }, () => newRecord(null, 0)), group: null, key: null } });
    const before = performance.now();
    const turns = run({
      op: "takeTurns",
      ask: { lanes: [{ lane, max: 20 }], now: Date.now(), leaseUntil: null, announce: false },
    }) as Turn[];
    times.push((performance.now() - before) / turns.length);
    for (const turn of turns)
      run({
        op: "commit",
        change: { jobs: [{ ...settled(turn.job, { outcome: { result: "1" }, startedAt: 1, now: 2, chance: 0 }), before: turn.job }] },
      });
  }
  record("claim behind 100,000 that wait for a full key, p50", median(times), "ms", { atMost: 0.1 });
}

export function listPages(): void {
  withDatabase((run, reads) => {
    const states = ["completed", "completed", "completed", "failed", "queued", "cancelled"] as const;
    fill(run, rows, (index) => {
      const state = states[index % states.length]!;
      const finishedAt = state === "queued" ? null : Date.now();
      return newRecord(null, 0, { state, finishedAt, name: index % 1000 === 0 ? "rare" : null });
    });
    const queries: Record<string, () => Omit<JobQuery, "limit">> = {
      "all, newest": () => ({}),
      "all, anywhere": () => ({ after: String(randomInt(1, rows)) }),
      "by state": () => ({ states: ["failed"], after: String(randomInt(1, rows)) }),
      "by two states": () => ({ states: ["failed", "cancelled"], after: String(randomInt(1, rows)) }),
      "by function": () => ({ functionName: "noop", after: String(randomInt(1, rows)) }),
      "by name": () => ({ name: "rare" }),
    };
    for (const [name, query] of Object.entries(queries)) {
      const times: number[] = [];
      for (let index = 0; index < 300; index++) {
        const before = performance.now();
        reads.jobs({ ...query(), limit: 50 });
        times.push(performance.now() - before);
      }
      record(`list page of 50 of ${rows}, ${name}, p99`, percentile(times, 0.99), "ms", { atMost: 5 });
    }
  });
}
