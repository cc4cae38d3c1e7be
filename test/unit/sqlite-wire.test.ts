import { expect, test } from "vitest";
import { jobColumns, packJob, place, unpackJob } from "../../shared/adapters/local/sqlite/job-values.ts";
import { packOperation, unpackOperation } from "../../shared/adapters/local/sqlite/wire.ts";
import { submitted } from "../../shared/domain/begin.ts";
import type { Job } from "../../shared/domain/job.ts";
import { noRetry } from "../../shared/domain/retry.ts";

const { job, facts } = submitted({ id: "a", type: "function", executor: "node", createdAt: 1, retry: noRetry, pool: "p", notBefore: 9 });
/** Every field another value: none can take another's place unseen. */
const distinct = Object.fromEntries(Object.keys(job).map((key, index) => [key, index])) as unknown as Job;

test("a job crosses to the writer's thread and back with every field in its place", () => {
  expect(unpackJob(packJob(distinct))).toEqual(distinct);
  expect(unpackJob(packJob(job))).toEqual(job);
  expect(packJob(distinct)).toEqual(jobColumns.map((column) => distinct[column]));
  for (const [column, index] of Object.entries(place)) expect(jobColumns[index]).toBe(column);
});

test("writes and graphs cross with their facts and all that belongs to them", () => {
  const write = { job, facts, before: { state: "queued", endReason: null }, result: '"r"' } as const;
  expect(unpackOperation(structuredClone(packOperation({ op: "commit", change: { jobs: [write] } })))).toMatchObject({
    op: "commit",
    writes: [{ job, before: write.before, result: '"r"', facts: facts.map(({ type, data }) => ({ type, text: JSON.stringify(data) })) }],
  });
  const record = { job, facts, body: { spec: "{}", params: "{}", tags: ["t"] }, dependencies: [], poolLimit: 3 };
  const graph = { records: [record], group: null, key: null };
  expect(unpackOperation(structuredClone(packOperation({ op: "submitGraph", graph })))).toMatchObject({
    op: "submitGraph",
    records: [{ job, body: record.body, poolLimit: 3 }],
  });
});
