// Runs of workflows: their steps, their results, and how they are steered.
import { expect } from "vitest";
import { eventually, own, type Api } from "./api.ts";
import type { Platform } from "./platform.ts";
import { applied, letters } from "./workflows.ts";

export interface RunShown {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly steps: readonly { readonly name: string; readonly state: string; readonly jobs: readonly string[]; readonly result?: unknown }[];
  readonly result?: unknown;
  readonly [field: string]: unknown;
}

const needs = ["function"] as const;

async function ran(api: Api, definition: object, ask: object = {}): Promise<RunShown> {
  const name = await applied(api, definition);
  return over(api, await api.call<RunShown>("POST", `/v1/workflows/${name}/runs`, ask, 201));
}

export const over = (api: Api, run: { readonly id: string }): Promise<RunShown> => api.ended<RunShown>(`/v1/runs/${run.id}`);
const stateOf = ({ steps }: RunShown, step: string) => steps.find(({ name }) => name === step)?.state;
/** Of a step of many jobs. */
const resultsOf = ({ steps }: RunShown, step: string) =>
  steps.find(({ name }) => name === step)!.result as { matrix: object; result: unknown }[];

export function runs({ promise }: Platform): void {
  promise(
    "a run takes its steps in order, one job for each of a matrix, and its final step's result is its own",
    { needs },
    async (api) => {
      const run = await ran(api, letters, { params: { base: 5 } });
      expect(run).toMatchObject({
        id: expect.stringMatching(/^run_/),
        state: "completed",
        version: 1,
        params: { base: 5 },
        finishedAt: expect.any(String),
      });
      const parts = [{ matrix: { letter: "a" }, result: { value: "a5", env: null } }, { matrix: { letter: "b" }, result: { value: "b5", env: null } }]; // prettier-ignore
      expect(run.result).toEqual({ value: parts, env: null });
      expect(resultsOf(run, "each")).toEqual(parts);
      expect(run.steps.map(({ name, state, jobs }) => [name, state, jobs.length])).toEqual([
      ["start", "completed", 1], ["each", "completed", 2], ["join", "completed", 1], ["rescue", "cancelled", 1],
    ]); // prettier-ignore
      expect(await api.job(run.steps[1]!.jobs[1]!)).toMatchObject({
        runId: run.id,
        step: "each",
        name: "each[1]",
        matrix: { letter: "b" },
      });
    },
  );

  promise("a request that waits gets the run once it has ended", { needs }, async (api) => {
    const name = await applied(api, { steps: { one: { function: "echo", params: { value: 1 } } }, final: "one" });
    expect(await api.call("POST", `/v1/workflows/${name}/runs?wait=20s`, {}, 201)).toMatchObject({
      state: "completed",
      result: { value: 1 },
    });
  });

  promise("a run takes the defaults of its params, and refuses what their schema does not know", { needs }, async (api) => {
    const name = await applied(api, letters);
    const run = await api.post<RunShown>(`/v1/workflows/${name}/runs`);
    expect(await over(api, run)).toMatchObject({ state: "completed", params: { base: 3 } });
    const problem = await api.refused("POST", `/v1/workflows/${name}/runs`, { params: { bass: 1 } });
    expect(problem).toMatchObject({ status: 400, code: "request.invalid", errors: [{ path: "params.bass" }] });
    expect(await api.refused("POST", `/v1/workflows/${own("flow")}/runs`, {})).toMatchObject({ status: 404, code: "workflow.not_found" });
  });

  promise("a run takes only the chosen steps, or those and all that follow", { needs }, async (api) => {
    const name = await applied(api, letters);
    const start = (ask: object) => api.post<RunShown>(`/v1/workflows/${name}/runs`, ask);
    const only = await over(api, await start({ only: ["start"] }));
    expect(only.steps.map((step) => step.name)).toEqual(["start"]);
    expect(only).not.toHaveProperty("result");
    const from = await over(api, await start({ from: ["start"] }));
    expect(from.steps.map((step) => step.name)).toEqual(["start", "each", "join"]);
    for (const ask of [{ only: ["join"] }, { only: ["nobody"] }, { only: ["start"], from: ["start"] }])
      expect(await api.refused("POST", `/v1/workflows/${name}/runs`, ask)).toMatchObject({ status: 422, code: "workflow.invalid" });
  });

  promise("a run that fails runs its step for failures, and is retried from the failed step on", { needs }, async (api) => {
    const failed = await ran(api, {
      steps: {
        before: { function: "echo" },
        shaky: { after: ["before"], function: "flaky", params: { until: 2 } },
        after: { after: ["shaky"], function: "echo", params: { value: { $from: "steps.shaky.result.attempt" } } },
        rescue: { function: "echo" },
      },
      final: "after",
      onFailure: "rescue",
    });
    expect(failed.state).toBe("failed");
    expect(["before", "shaky", "after", "rescue"].map((step) => stateOf(failed, step))).toEqual([
      "completed",
      "failed",
      "cancelled",
      "completed",
    ]);
    await api.post(`/v1/runs/${failed.id}/retry`);
    const retried = await over(api, failed);
    expect(retried).toMatchObject({ state: "completed", result: { value: 2 } });
    expect(stateOf(retried, "rescue")).toBe("cancelled");
    expect(await api.job(failed.steps.find(({ name }) => name === "before")!.jobs[0]!)).toMatchObject({ attempt: 1 });
    expect(await api.refused("POST", `/v1/runs/${failed.id}/retry`)).toMatchObject({ status: 409, code: "run.wrong_state" });
  });

  promise("a reference to what is not there fails its step, unless it has a default", { needs }, async (api) => {
    const refers = (more: object) => ({ after: ["a"], function: "echo", params: { value: { $from: "steps.a.result.no", ...more } } });
    const run = await ran(api, { steps: { a: { function: "echo" }, b: refers({}), c: refers({ default: "instead" }) } });
    expect(run.state).toBe("failed");
    expect(await api.job(run.steps[1]!.jobs[0]!)).toMatchObject({ state: "failed", error: { code: "input.missing" } });
    expect(await api.job(run.steps[2]!.jobs[0]!)).toMatchObject({ state: "completed", result: { value: "instead" } });
  });

  promise("work is split into parts, and each part of the next step follows its own", { needs }, async (api) => {
    const split = { total: { $from: "params.events" }, perJob: 40 };
    const run = await ran(
      api,
      {
        steps: {
          count: { split, function: "echo", params: { value: { $text: "{matrix.from}-{matrix.to}" } } },
          check: { after: ["count"], map: "one2one", split, function: "echo", params: { value: { $from: "steps.count.result.value" } } },
        },
        final: "check",
      },
      { params: { events: 100 } },
    );
    expect(run.state).toBe("completed");
    expect(resultsOf(run, "check")).toMatchObject([
      { matrix: { index: 0, from: 0, to: 40 }, result: { value: "0-40" } },
      { matrix: { index: 1, from: 40, to: 80 }, result: { value: "40-80" } },
      { matrix: { index: 2, from: 80, to: 100 }, result: { value: "80-100" } },
    ]);
  });

  promise("a matrix is every combination of its axes, in order, also of axes among the params", { needs }, async (api) => {
    const matrix = { region: { $from: "params.regions" }, year: [2024, 2025] };
    const params = { value: { $text: "{matrix.region}-{matrix.year}" } };
    const run = await ran(
      api,
      { steps: { each: { matrix, function: "echo", params } }, final: "each" },
      { params: { regions: ["eu", "us"] } },
    );
    expect(resultsOf(run, "each").map(({ result }) => (result as { value: string }).value)).toEqual([
      "eu-2024",
      "eu-2025",
      "us-2024",
      "us-2025",
    ]);
    expect(run.result).toEqual(resultsOf(run, "each"));
  });

  promise("a step may wait for a failure, and gets nothing from it", { needs }, async (api) => {
    const run = await ran(api, {
      steps: {
        bad: { function: "flaky", params: { until: 9 } },
        plan: { after: [{ step: "bad", on: "failure" }], function: "mirror" },
        else: { after: [{ step: "bad", on: "always", pass: "none" }, "plan"], function: "mirror" },
      },
    });
    expect(["bad", "plan", "else"].map((step) => stateOf(run, step))).toEqual(["failed", "completed", "completed"]);
    expect(run.steps[2]!.result).toMatchObject({ inputs: { plan: { attempt: 1 } } });
  });

  promise("no more jobs of a run are under way at once than its workflow says", { needs }, async (api) => {
    const run = await ran(api, { concurrency: 1, steps: { each: { matrix: { n: [1, 2, 3] }, function: "patient", params: { ms: 200 } } } });
    const jobs = (await Promise.all(run.steps[0]!.jobs.map((id) => api.job(id)))).toSorted((a, b) =>
      a.startedAt! < b.startedAt! ? -1 : 1,
    );
    for (const [index, { startedAt }] of jobs.slice(1).entries())
      expect(Date.parse(startedAt!)).toBeGreaterThan(Date.parse(jobs[index]!.startedAt!) + 150);
  });

  promise("a run is paused, resumed and cancelled as a whole", { needs }, async (api) => {
    const name = await applied(api, { steps: { long: { function: "patient" }, next: { after: ["long"], function: "echo" } } });
    const run = await api.post<RunShown>(`/v1/workflows/${name}/runs`);
    const [long, next] = [run.steps[0]!.jobs[0]!, run.steps[1]!.jobs[0]!];
    await api.running(long);
    expect(await api.post(`/v1/runs/${run.id}/pause`)).toMatchObject({ state: "paused" });
    await eventually(async () => expect(await api.job(next)).toMatchObject({ state: "paused" }));
    expect(await api.post(`/v1/runs/${run.id}/resume`)).toMatchObject({ state: "running" });
    await eventually(async () => expect(await api.job(next)).toMatchObject({ state: "blocked" }));
    await api.post(`/v1/runs/${run.id}/cancel`);
    expect(await over(api, run)).toMatchObject({ state: "cancelled", counts: { cancelled: 2 } });
  });

  promise("a run's graph shows the state of each step, and runs are found by their workflow", { needs }, async (api) => {
    const name = await applied(api, letters);
    const run = await over(api, await api.post<RunShown>(`/v1/workflows/${name}/runs`, { only: ["start"] }));
    const { nodes } = await api.get<{ nodes: { step: string; state: string }[] }>(`/v1/runs/${run.id}/graph`);
    expect(nodes.map(({ step, state }) => `${step} ${state}`)).toEqual([
      "start completed",
      "each left_out",
      "join left_out",
      "rescue left_out",
    ]);
    await eventually(async () => {
      expect((await api.all(`/v1/runs?workflow=${name}`)).map(({ id }) => id)).toEqual([run.id]);
      expect(await api.all(`/v1/runs?workflow=${name}&state=failed`)).toEqual([]);
    });
    expect(await api.refused("GET", `/v1/runs/${own("run")}`)).toMatchObject({ status: 404, code: "run.not_found" });
  });

  promise("a run keeps the version that it was started with", { needs }, async (api) => {
    const name = await applied(api, { steps: { slow: { function: "patient", params: { ms: 300 } } }, final: "slow" });
    const run = await api.post<RunShown>(`/v1/workflows/${name}/runs`);
    await api.call("PUT", `/v1/workflows/${name}`, { steps: { other: { function: "echo" } }, final: "other" }, 201);
    expect(await over(api, run)).toMatchObject({ state: "completed", version: 1, result: { waited: true } });
  });
}
