// Ids of one's own and Idempotency-Keys: whoever asks again gets no second job.
import { expect } from "vitest";
import { type Api, type JobShown, own } from "./api.ts";
import type { BatchShown } from "./batches.ts";
import type { Platform } from "./platform.ts";
import { applied } from "./workflows.ts";

const needs = ["function"] as const;

async function keyed(api: Api, key: string, body: object, path = "/v1/jobs"): Promise<{ status: number; id: string; code: string }> {
  const response = await api.request("POST", path, body, { "idempotency-key": key });
  return { status: response.status, ...((await response.json()) as { id: string; code: string }) };
}

export function ids({ promise }: Platform): void {
  promise("an own id: the same body answers 200 with the job as it is now, another body 409", { needs }, async (api) => {
    const job = { id: own("My.own_id"), function: "echo", params: { value: 1 } };
    await api.finish(job);
    expect(await api.call("POST", "/v1/jobs", job, 200)).toMatchObject({ id: job.id, state: "completed", result: { value: 1 } });
    expect(await api.call("POST", "/v1/jobs?wait=5s", job, 200)).toMatchObject({ id: job.id });
    const problem = await api.refused("POST", "/v1/jobs", { ...job, params: { value: 2 } });
    expect(problem).toMatchObject({ status: 409, code: "job.id_taken", detail: expect.stringContaining(job.id) });
  });

  promise("an own id may be 64 characters long, names dependencies, and is nobody else's", { needs }, async (api) => {
    const id = own("x").padEnd(64, "z");
    await api.submit({ id, function: "depth" });
    const child = await api.finish({ function: "mirror", dependencies: [id] });
    expect(child.result).toMatchObject({ inputs: { [id]: { depth: 1 } } });
    const taken = await api.refused("POST", "/v1/batches", { jobs: [{ function: "echo" }, { id, function: "echo" }] });
    expect(taken).toMatchObject({ status: 409, code: "job.id_taken" });
  });

  promise("of many who submit one id at once, one makes the job", { needs }, async (api) => {
    const id = own("raced");
    const responses = await Promise.all(Array.from({ length: 5 }, () => api.request("POST", "/v1/jobs", { id, function: "echo" })));
    expect(responses.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201]);
    expect((await api.types(id)).filter((type) => type === "job.created")).toHaveLength(1);
  });

  promise("an Idempotency-Key gets the first answer again, and refuses another body", { needs }, async (api) => {
    const key = own("key");
    const send = (value: number) => keyed(api, key, { function: "echo", params: { value } });
    const { id, status } = await send(1);
    expect(status).toBe(201);
    await api.end({ id });
    expect(await send(1)).toMatchObject({ status: 201, id });
    expect(await send(2)).toMatchObject({ status: 409, code: "idempotency.conflict" });
  });

  promise("of many who send one Idempotency-Key at once, all get the same job", { needs }, async (api) => {
    const key = own("key");
    const answers = await Promise.all(Array.from({ length: 5 }, () => keyed(api, key, { function: "echo" })));
    expect(new Set(answers.map(({ status, id }) => `${status} ${id}`)).size).toBe(1);
  });

  promise("a request that was refused keeps no Idempotency-Key", { needs }, async (api) => {
    const key = own("key");
    expect(await keyed(api, key, { function: "ecko" })).toMatchObject({ status: 422 });
    expect(await keyed(api, key, { function: "echo" })).toMatchObject({ status: 201 });
  });

  promise("batches and runs take Idempotency-Keys, too", { needs }, async (api) => {
    const [batchKey, runKey] = [own("key"), own("key")];
    const batch = () => keyed(api, batchKey, { jobs: [{ function: "echo" }] }, "/v1/batches");
    const first = await batch();
    expect(await batch()).toEqual(first);
    const name = await applied(api, { steps: { only: { function: "echo" } } });
    const run = (ask: object) => keyed(api, runKey, ask, `/v1/workflows/${name}/runs`);
    const { id } = await run({});
    expect(await run({})).toMatchObject({ status: 201, id });
    expect(await run({ params: { other: 1 } })).toMatchObject({ status: 409, code: "idempotency.conflict" });
  });

  promise("a key of one request is none for another route, nor may it be endless", { needs }, async (api) => {
    const key = own("key");
    await keyed(api, key, { function: "echo" });
    expect(await keyed(api, key, { jobs: [{ function: "echo" }] }, "/v1/batches")).toMatchObject({
      status: 409,
      code: "idempotency.conflict",
    });
    expect(await keyed(api, "x".repeat(256), { function: "echo" })).toMatchObject({ status: 400, code: "request.invalid" });
  });

  promise("an own id and a batch's index name the same job", { needs }, async (api) => {
    const id = own("named");
    const { jobs } = await api.post<BatchShown>("/v1/batches", {
      jobs: [{ id, function: "depth" }, { function: "mirror", dependencies: [0] }, { function: "mirror", dependencies: [{ job: id }] }],
    }); // prettier-ignore
    expect(jobs[0]!.id).toBe(id);
    const ended = await Promise.all(jobs.slice(1).map((job): Promise<JobShown> => api.end(job)));
    for (const { result } of ended) expect(result).toMatchObject({ inputs: { [id]: { depth: 1 } } });
  });
}
