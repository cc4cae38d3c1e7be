import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finish, openTestApi, type Shown, type TestApi } from "../support/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

interface GroupShown {
  readonly id: string;
  readonly state: string;
  readonly counts: Record<string, number>;
  readonly jobs: { id: string }[];
  readonly result?: unknown;
  readonly steps: { name: string; state: string; jobs: string[]; result?: unknown }[];
}

const endOf = (batch: { id: string }): Promise<GroupShown> => api.call("GET", `/v1/batches/${batch.id}?wait=20s`);

describe("a batch", () => {
  test("is all or nothing: one bad job refuses it whole, and names its place", async () => {
    const problem = await api.call<{ errors: { path: string }[] }>(
      "POST",
      "/v1/batches",
      { jobs: [{ function: "echo" }, { function: "nope" }] },
      422,
    );
    expect(problem.errors[0]!.path).toBe("jobs.1.function");
  });

  test("whose jobs wait for each other in a ring is refused, and the ring is named", async () => {
    const jobs = [
      { function: "echo", dependencies: [2] },
      { function: "echo", dependencies: [0] },
      { function: "echo", dependencies: [1] },
    ];
    const problem = await api.call<{ code: string; detail: string }>("POST", "/v1/batches", { jobs }, 409);
    expect(problem.code).toBe("dependency.cycle");
    expect(problem.detail).toMatch(/jobs\.\d → jobs\.\d → jobs\.\d → jobs\.\d/);
  });

  test("of 1,000 jobs in layers ends with all of them, in the order of their dependencies", async () => {
    const jobs = Array.from({ length: 1000 }, (_, index) => ({
      function: "echo",
      params: { value: index },
      dependencies: index < 10 ? [] : [index - 10, Math.floor(index / 10) * 10 - 1],
    }));
    const distinct = jobs.map((job) => ({ ...job, dependencies: [...new Set(job.dependencies)] }));
    const batch = await api.call<GroupShown>("POST", "/v1/batches", { name: "layers", jobs: distinct });
    expect(await endOf(batch)).toMatchObject({ state: "completed", counts: { completed: 1000 } });
  });

  test("is partial while failures stay within what it tolerates", async () => {
    const jobs = [...Array.from({ length: 9 }, () => ({ function: "echo" })), { function: "flaky", params: { until: 2 } }];
    expect(await endOf(await api.call("POST", "/v1/batches", { tolerate: "10%", jobs }))).toMatchObject({ state: "partial" });
    expect(await endOf(await api.call("POST", "/v1/batches", { jobs }))).toMatchObject({ state: "failed" });
  });

  test("that was pointless from the start ends at once", async () => {
    const failed = await finish(api, { function: "flaky", params: { until: 9 } });
    const batch = await api.call<GroupShown>("POST", "/v1/batches", { jobs: [{ function: "echo", dependencies: [failed.id] }] });
    expect(await endOf(batch)).toMatchObject({ state: "cancelled", counts: { cancelled: 1 } });
  });

  test("is started, paused, resumed and cancelled as a whole", async () => {
    const batch = await api.call<GroupShown>("POST", "/v1/batches", {
      autoStart: false,
      jobs: Array.from({ length: 5 }, () => ({ function: "echo", delay: "1h" })),
    });
    expect(batch).toMatchObject({ state: "created", counts: { created: 5 } });
    expect(await api.call("POST", `/v1/batches/${batch.id}/start`)).toMatchObject({ state: "running", counts: { delayed: 5 } });
    expect(await api.call("POST", `/v1/batches/${batch.id}/pause`)).toMatchObject({ state: "paused", counts: { paused: 5 } });
    expect(await api.call("POST", `/v1/batches/${batch.id}/resume`)).toMatchObject({ state: "running", counts: { delayed: 5 } });
    expect(await api.call("POST", `/v1/batches/${batch.id}/cancel`)).toMatchObject({ state: "cancelled", counts: { cancelled: 5 } });
    await api.call("POST", `/v1/batches/${batch.id}/pause`, undefined, 409);
  });

  test("that was cancelled is retried in the order of its dependencies", async () => {
    const jobs = [
      { function: "echo", delay: "1h" },
      { function: "echo", dependencies: [0] },
      { function: "echo", dependencies: [1] },
    ];
    const batch = await api.call<GroupShown>("POST", "/v1/batches", { jobs });
    await api.call("POST", `/v1/batches/${batch.id}/cancel`);
    await api.call("POST", `/v1/batches/${batch.id}/retry`);
    expect(await endOf(batch)).toMatchObject({ state: "completed", counts: { completed: 3 } });
    const times = await Promise.all(
      batch.jobs.map(({ id }) => api.call<{ startedAt: string; finishedAt: string }>("GET", `/v1/jobs/${id}`)),
    );
    for (const [index, { startedAt }] of times.slice(1).entries()) expect(startedAt >= times[index]!.finishedAt).toBe(true);
  });

  test("lists its jobs in the order given, page by page", async () => {
    const batch = await api.call<GroupShown>("POST", "/v1/batches", {
      jobs: Array.from({ length: 7 }, (_, n) => ({ function: "echo", name: `n${n}` })),
    });
    const names: unknown[] = [];
    let cursor = "";
    do {
      const page = await api.call<{ items: Shown[]; nextCursor?: string }>("GET", `/v1/batches/${batch.id}/jobs?limit=3${cursor}`);
      names.push(...page.items.map(({ name }) => name));
      cursor = page.nextCursor === undefined ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor !== "");
    expect(names).toEqual(["n0", "n1", "n2", "n3", "n4", "n5", "n6"]);
  });
});

describe("a workflow", () => {
  const definition = {
    params: { type: "object", properties: { base: { type: "integer", default: 3 } }, additionalProperties: false },
    steps: {
      start: { function: "echo", params: { value: { $from: "params.base" } } },
      each: {
        after: ["start"],
        matrix: { letter: ["a", "b"] },
        function: "echo",
        params: { value: { $text: "{matrix.letter}{steps.start.result.value}" } },
      },
      join: { after: ["each"], function: "echo", params: { value: { $from: "steps.each.result" } } },
      rescue: { function: "echo", params: { say: "something failed" } },
    },
    final: "join",
    onFailure: "rescue",
  };

  test("is stored by version, and the same definition again is no new one", async () => {
    expect(await api.call("PUT", "/v1/workflows/letters", definition, 201)).toMatchObject({ name: "letters", version: 1 });
    expect(await api.call("PUT", "/v1/workflows/letters", definition, 200)).toMatchObject({ version: 1 });
    expect(await api.call("PUT", "/v1/workflows/letters", { ...definition, description: "two" }, 201)).toMatchObject({ version: 2 });
    expect((await api.call<{ items: object[] }>("GET", "/v1/workflows/letters/versions")).items).toHaveLength(2);
  });

  test("runs its steps in order, one job for each of its matrix, and its final step's result is the run's", async () => {
    const run = await api.call<GroupShown>("POST", "/v1/workflows/letters/runs?wait=20s", { params: { base: 5 } });
    expect(run.state).toBe("completed");
    expect((run.result as { value: { matrix: object; result: { value: string } }[] }).value.map(({ result }) => result.value)).toEqual([
      "a5",
      "b5",
    ]);
    expect(run.steps.map(({ name, state, jobs }) => [name, state, jobs.length])).toEqual([["start", "completed", 1], ["each", "completed", 2], ["join", "completed", 1], ["rescue", "cancelled", 1]]); // prettier-ignore
  });

  test("takes its params' defaults, and refuses what their schema does not know", async () => {
    expect(await api.call("POST", "/v1/workflows/letters/runs?wait=20s", {})).toMatchObject({ state: "completed", params: { base: 3 } });
    await api.call("POST", "/v1/workflows/letters/runs", { params: { bass: 1 } }, 400);
    await api.call("POST", "/v1/workflows/leters/runs", {}, 404);
  });

  test("runs only chosen steps", async () => {
    const run = await api.call<GroupShown>("POST", "/v1/workflows/letters/runs?wait=20s", { only: ["start"] });
    expect(run.steps.map(({ name }) => name)).toEqual(["start"]);
    expect(await api.call("POST", "/v1/workflows/letters/runs", { only: ["join"] }, 422)).toMatchObject({ code: "workflow.invalid" });
  });

  test("that fails starts its step for failures, and is retried from the failed step", async () => {
    await api.call("PUT", "/v1/workflows/shaky", {
      steps: {
        before: { function: "echo" },
        shaky: { after: ["before"], function: "flaky", params: { until: 2 } },
        after: { after: ["shaky"], function: "echo", params: { value: { $from: "steps.shaky.result.attempt" } } },
        rescue: { function: "echo" },
      },
      final: "after",
      onFailure: "rescue",
    });
    const run = await api.call<GroupShown>("POST", "/v1/workflows/shaky/runs?wait=20s", {});
    expect(run).toMatchObject({ state: "failed" });
    expect(run.steps.find(({ name }) => name === "rescue")!.state).toBe("completed");
    await api.call("POST", `/v1/runs/${run.id}/retry`);
    expect(await api.call("GET", `/v1/runs/${run.id}?wait=20s`)).toMatchObject({ state: "completed", result: { value: 2 } });
    const again = await api.call<GroupShown>("GET", `/v1/runs/${run.id}`);
    expect(again.steps.find(({ name }) => name === "rescue")!.state).toBe("cancelled");
    const [before] = run.steps.find(({ name }) => name === "before")!.jobs;
    expect(await api.call("GET", `/v1/jobs/${before}`)).toMatchObject({ attempt: 1 });
  });

  test("with a reference that cannot be there is refused, and one that is not there fails its step", async () => {
    const bad = { steps: { a: { function: "echo" }, b: { function: "echo", params: { value: { $from: "steps.a.result" } } } } };
    expect(await api.call("PUT", "/v1/workflows/bad", bad, 422)).toMatchObject({ code: "workflow.invalid" });
    await api.call("PUT", "/v1/workflows/absent", {
      steps: { a: { function: "echo" }, b: { after: ["a"], function: "echo", params: { value: { $from: "steps.a.result.no" } } } },
    });
    const run = await api.call<GroupShown>("POST", "/v1/workflows/absent/runs?wait=20s", {});
    expect(run.state).toBe("failed");
    expect(await api.call("GET", `/v1/jobs/${run.steps[1]!.jobs[0]}`)).toMatchObject({ error: { code: "input.missing" } });
  });

  test("passes artifacts along an edge that says so", async () => {
    await api.call("PUT", "/v1/workflows/files", {
      steps: {
        make: { script: { inline: "echo content > $JOB_OUTPUT_DIR/data.txt" } },
        use: {
          after: [{ step: "make", pass: "artifacts" }],
          script: {
            inline: `cat "$(python3 -c "import json,os;print(json.load(open(os.environ['JOB_INPUTS_FILE']))['make']['artifacts'][0]['file'])")"`,
          },
        },
      },
      final: "use",
    });
    expect(await api.call("POST", "/v1/workflows/files/runs?wait=20s", {})).toMatchObject({
      state: "completed",
      result: { stdout: "content\n" },
    });
  });

  test("is drawn as JSON, Mermaid and DOT", async () => {
    expect(await (await api.request("GET", "/v1/workflows/letters/graph?format=mermaid")).text()).toContain("flowchart");
    expect(await (await api.request("GET", "/v1/workflows/letters/graph?format=dot")).text()).toContain("digraph");
    await api.call("GET", "/v1/workflows/letters/graph?format=svg", undefined, 400);
  });

  test("that was deleted starts no new run", async () => {
    expect((await api.request("DELETE", "/v1/workflows/files")).status).toBe(204);
    expect((await api.request("POST", "/v1/workflows/files/runs", {})).status).toBe(404);
  });
});
