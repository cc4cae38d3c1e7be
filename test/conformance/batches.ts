import { expect } from "vitest";
import { type Api, eventually, ITS_TURN_MS, own } from "./api.ts";
import type { Platform } from "./platform.ts";

export interface BatchShown {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
  /** In the answer to its submission. */
  readonly jobs: readonly { readonly id: string; readonly state: string }[];
  readonly [field: string]: unknown;
}

const needs = ["function"] as const;
/** Of a layer of many jobs: more at once would make all else on a small platform wait for them. */
const WIDTH = 25;
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** Whoever gets no answer in time asks again: under one key it is one batch. */
async function submitted(api: Api, batch: object): Promise<BatchShown> {
  const key = own("key");
  return eventually(async () => {
    const response = await api.request("POST", "/v1/batches", batch, { "idempotency-key": key });
    if (response.status !== 201) throw new Error(`answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as BatchShown;
  }, ITS_TURN_MS);
}

export function batches({ promise, crowd }: Platform): void {
  promise("a batch answers its jobs in the order given, ends with the last of them and counts them", { needs }, async (api) => {
    const name = own("batch");
    const batch = await api.call<BatchShown>(
      "POST",
      "/v1/batches",
      { name, jobs: times(5, (value) => ({ function: "echo", params: { value } })) },
      201,
    );
    expect(batch).toMatchObject({ id: expect.stringMatching(/^bat_/), name, createdAt: expect.any(String) });
    const values = await Promise.all(batch.jobs.map(async (job) => (await api.end(job)).result));
    expect(values).toMatchObject(times(5, (value) => ({ value })));
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({
      state: "completed",
      counts: { completed: 5 },
      finishedAt: expect.any(String),
    });
    expect(await api.job(batch.jobs[0]!.id)).toMatchObject({ batchId: batch.id });
  });

  promise("a batch is all or nothing: one bad job refuses it whole, and its place is named", { needs }, async (api) => {
    const id = own("never");
    const problem = await api.refused("POST", "/v1/batches", { jobs: [{ id, function: "echo" }, { function: "nope" }] });
    expect(problem).toMatchObject({ status: 422, code: "function.unknown", errors: [{ path: "jobs.1.function" }] });
    expect(await api.refused("GET", `/v1/jobs/${id}`)).toMatchObject({ status: 404 });
  });

  promise("a batch whose jobs wait for each other in a ring is refused, and the ring is named", { needs }, async (api) => {
    const problem = await api.refused("POST", "/v1/batches", {
      jobs: times(3, (index) => ({ function: "echo", dependencies: [(index + 2) % 3] })),
    });
    expect(problem).toMatchObject({
      status: 409,
      code: "dependency.cycle",
      detail: expect.stringMatching(/jobs\.\d → jobs\.\d → jobs\.\d → jobs\.\d/),
    });
  });

  promise("a batch that is empty, has an id twice or too many jobs is refused", { needs }, async (api) => {
    const paths = async (jobs: object[]) => {
      const { status, code, errors } = await api.refused("POST", "/v1/batches", { jobs });
      return [status, code, errors![0]!.path];
    };
    const id = own("twice");
    expect(await paths([])).toEqual([400, "request.invalid", "jobs"]);
    expect(await paths([{ id, function: "echo" }, { id, function: "echo" }])).toEqual([400, "request.invalid", "jobs.1.id"]); // prettier-ignore
    expect(await paths(times(10_001, () => ({ function: "echo" })))).toEqual([400, "request.invalid", "jobs"]);
    expect(await paths([{ function: "echo", dependencies: [1] }])).toEqual([422, "dependency.not_found", "jobs.0.dependencies.0"]);
  });

  promise(`${crowd} jobs of one batch end with all of them, each after those that it waits for`, { needs }, async (api) => {
    const layer = (index: number) => Math.floor(index / WIDTH);
    const jobs = times(crowd, (index) => ({
      function: "depth",
      timeout: "30s",
      // Each waits for one of the layer before, every tenth for two.
      dependencies: layer(index) === 0 ? [] : [index - WIDTH, ...(index % 10 === 0 ? [layer(index) * WIDTH - 1 - (index % 3)] : [])],
    }));
    const batch = await submitted(api, { name: own("layers"), jobs });
    expect(batch.jobs).toHaveLength(crowd);
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "completed", counts: { completed: crowd } });
    const ended = await eventually(async () => {
      const found = await api.all(`/v1/batches/${batch.id}/jobs`);
      expect(found.map(({ id }) => id)).toEqual(batch.jobs.map(({ id }) => id));
      // A try that was lost to a busy machine is made again.
      expect(found.filter(({ state, attempt, losses }) => state !== "completed" || attempt - Number(losses) !== 1)).toEqual([]);
      return found;
    });
    expect(ended.map(({ result }) => (result as { depth: number }).depth)).toEqual(times(crowd, (index) => layer(index) + 1));
  });

  promise("a batch is partial while its failures stay within what it tolerates, and failed beyond", { needs }, async (api) => {
    const jobs = times(10, (index) => (index === 9 ? { function: "flaky", params: { until: 2 } } : { function: "echo" }));
    const stateOf = async (tolerate?: number | string) => {
      const { id } = await api.post<BatchShown>("/v1/batches", { jobs, ...(tolerate !== undefined && { tolerate }) });
      return (await api.ended(`/v1/batches/${id}`)).state;
    };
    expect(await Promise.all([stateOf("10%"), stateOf(1), stateOf("9%"), stateOf()])).toEqual(["partial", "partial", "failed", "failed"]);
  });

  promise("a batch that is pointless from the start ends at once", { needs }, async (api) => {
    const failed = await api.finish({ function: "flaky", params: { until: 9 } });
    const { id } = await api.post<BatchShown>("/v1/batches", { jobs: [{ function: "echo", dependencies: [failed.id] }] });
    expect(await api.ended(`/v1/batches/${id}`)).toMatchObject({ state: "cancelled", counts: { cancelled: 1 } });
  });

  promise("a batch is started, paused, resumed and cancelled as a whole", { needs }, async (api) => {
    const jobs = times(5, () => ({ function: "echo", delay: "1h" }));
    const { id, ...batch } = await api.post<BatchShown>("/v1/batches", { autoStart: false, jobs });
    expect(batch).toMatchObject({ state: "created", counts: { created: 5 } });
    for (const [verb, state, counts] of [
      ["start", "running", { delayed: 5 }],
      ["pause", "paused", { paused: 5 }],
      ["resume", "running", { delayed: 5 }],
      ["cancel", "cancelled", { cancelled: 5 }],
    ] as const) {
      await api.post(`/v1/batches/${id}/${verb}`);
      await eventually(async () => {
        const { state: now, counts: there } = await api.get<BatchShown>(`/v1/batches/${id}`);
        expect([now, there], verb).toEqual([state, counts]);
      });
    }
    expect(await api.refused("POST", `/v1/batches/${id}/pause`)).toMatchObject({ status: 409, code: "batch.wrong_state" });
  });

  promise("a batch whose jobs run is cancelled with all that runs of it", { needs }, async (api) => {
    const jobs = [{ function: "patient" }, { function: "patient" }, { function: "echo", dependencies: [0, 1] }];
    const batch = await api.post<BatchShown>("/v1/batches", { jobs });
    await Promise.all(batch.jobs.slice(0, 2).map(({ id }) => api.running(id)));
    await api.post(`/v1/batches/${batch.id}/cancel`);
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "cancelled", counts: { cancelled: 3 } });
  });

  promise("a batch that was cancelled is retried in the order of its dependencies", { needs }, async (api) => {
    const jobs = [{ function: "depth", delay: "1h" }, { function: "depth", dependencies: [0] }, { function: "depth", dependencies: [1] }]; // prettier-ignore
    const batch = await api.post<BatchShown>("/v1/batches", { jobs });
    await api.post(`/v1/batches/${batch.id}/cancel`);
    await api.ended(`/v1/batches/${batch.id}`);
    await api.post(`/v1/batches/${batch.id}/retry`);
    expect(await api.ended(`/v1/batches/${batch.id}`)).toMatchObject({ state: "completed", counts: { completed: 3 } });
    expect((await api.job(batch.jobs[2]!.id)).result).toEqual({ depth: 3, parents: 1 });
  });

  promise("a batch lists its jobs in the order given, page by page", { needs }, async (api) => {
    const given = times(7, (index) => ({ function: "echo", ...(index % 3 === 1 && { id: own("own") }) }));
    const { id, jobs } = await api.post<BatchShown>("/v1/batches", { autoStart: false, jobs: given });
    const listed = (order: string) =>
      eventually(async () => {
        const found = (await api.all(`/v1/batches/${id}/jobs?order=${order}`, 3)).map((job) => job.id);
        expect(found).toHaveLength(7);
        return found;
      });
    expect(await listed("asc")).toEqual(jobs.map((job) => job.id));
    expect(await listed("desc")).toEqual(jobs.map((job) => job.id).toReversed());
  });

  promise("batches are found by name and state, newest first", { needs }, async (api) => {
    const name = own("batch");
    const make = (more: object) => api.post<BatchShown>("/v1/batches", { name, jobs: [{ function: "echo" }], ...more });
    const first = await make({ autoStart: false });
    const second = await make({});
    await api.ended(`/v1/batches/${second.id}`);
    await eventually(async () => {
      expect((await api.all(`/v1/batches?name=${name}`)).map(({ id }) => id)).toEqual([second.id, first.id]);
      expect((await api.all(`/v1/batches?name=${name}&state=created`)).map(({ id }) => id)).toEqual([first.id]);
    });
    expect(await api.refused("GET", `/v1/batches/${own("bat")}`)).toMatchObject({ status: 404, code: "batch.not_found" });
  });
}
