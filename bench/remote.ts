// A server elsewhere, warm: the emulator that `npm run deploy:emulator` made, or a real account. It needs SWITCHYARD_URL and
// SWITCHYARD_TOKEN, and is measured by what the server itself says of its jobs.
import { Client } from "../shared/sdk/client.ts";
import { parallel } from "./parallel.ts";
import { record } from "./report.ts";
import { milliseconds, percentile } from "./support.ts";

const JOBS = 60;
const BATCH = 1000;
const API_MS = 60;
const START_MS = 150;

interface Ended {
  readonly id: string;
  readonly state: string;
  readonly createdAt: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

const job = { function: "hello", params: { name: "bench" }, timeout: "30s" };

export async function remote(): Promise<void> {
  const { SWITCHYARD_URL: url, SWITCHYARD_TOKEN: token } = process.env;
  if (!url || !token) return console.log("left out: a server elsewhere (set SWITCHYARD_URL and SWITCHYARD_TOKEN)");
  const client = new Client({ url, token });
  const submit = (): Promise<Ended> => client.call<Ended>("POST", "/v1/jobs?wait=20s", { body: job });
  await parallel(30, 5, submit);
  const ended: Ended[] = [];
  for (let n = 0; n < JOBS; n++) ended.push(await submit());
  const starts = ended.map(({ createdAt, startedAt }) => Date.parse(startedAt) - Date.parse(createdAt));
  const ends = ended.map(({ createdAt, finishedAt }) => Date.parse(finishedAt) - Date.parse(createdAt));
  record("elsewhere: submit to start, one at a time, p50", percentile(starts, 0.5), "ms", { atMost: START_MS });
  record("elsewhere: submit to start, one at a time, p99", percentile(starts, 0.99), "ms");
  record("elsewhere: submit to end, one at a time, p50", percentile(ends, 0.5), "ms");
  const gets = await timed(JOBS, (n) => client.call("GET", `/v1/jobs/${ended[n % ended.length]!.id}`));
  const posts = await timed(JOBS, () => client.call("POST", "/v1/jobs", { body: { ...job, autoStart: false } }));
  record("elsewhere: GET of a job, p50", percentile(gets, 0.5), "ms", { atMost: API_MS });
  record("elsewhere: POST of a job, p50", percentile(posts, 0.5), "ms", { atMost: API_MS });
  const batchMs = await milliseconds(() => wholeBatch(client));
  record(`elsewhere: a batch of ${BATCH} jobs to its end`, BATCH / (batchMs / 1000), "jobs/s");
}

async function timed(count: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) times.push(await milliseconds(() => work(n)));
  return times;
}

async function wholeBatch(client: Client): Promise<void> {
  const { id } = await client.call<{ id: string }>("POST", "/v1/batches", { body: { jobs: Array.from({ length: BATCH }, () => job) } });
  for (;;) {
    const { state } = await client.call<{ state: string }>("GET", `/v1/batches/${id}?wait=20s`);
    if (state === "completed") return;
    if (state !== "running") throw new Error(`the batch ${id} is ${state}`);
  }
}
