import { expect } from "vitest";
import { followed, hasEnded } from "./followed.ts";
import { allLines, linesOf } from "./logs.ts";
import type { Platform } from "./platform.ts";
import { over, type RunShown } from "./runs.ts";
import { applied } from "./workflows.ts";

const needs = ["script"] as const;

export function scripts({ promise }: Platform): void {
  promise("a script runs with its params and args, and its output is its result", { needs }, async (api) => {
    const script = { inline: 'echo "$PARAM_WORD $1"', args: ["there"] };
    const job = await api.finish({ script, params: { word: "hello" } });
    expect(job).toMatchObject({ type: "script", state: "completed", result: { stdout: "hello there\n" } });
    expect(await api.all(`/v1/jobs/${job.id}/attempts`)).toMatchObject([{ number: 1, exitCode: 0 }]);
  });

  promise("a script that fails fails its job, by its exit code or its own words", { needs }, async (api) => {
    expect(await api.finish({ script: { inline: "exit 3" } })).toMatchObject({ state: "failed", error: { code: "process.exit_3" } });
    const said = await api.finish({ script: { inline: "echo '::error no_stock nothing left'; exit 1" } });
    expect(said.error).toMatchObject({ code: "user.no_stock", message: "nothing left" });
  });

  promise("what a script says on both streams is followed until its end", { needs }, async (api) => {
    const { id } = await api.submit({ script: { inline: "echo one; sleep 0.3; echo two >&2; exit 3" } });
    const sent = await followed(api, `/v1/jobs/${id}/logs?follow=1`, hasEnded);
    expect(sent.map(({ data }) => [data.stream, data.text ?? data.state])).toEqual([["stdout", "one"], ["stderr", "two"], [undefined, "failed"]]); // prettier-ignore
  });

  promise("10 MB on one line are kept, in pieces", { needs }, async (api) => {
    const job = await api.finish({ script: { inline: "head -c 10000000 /dev/zero | tr '\\0' x; echo" } });
    expect(job.state).toBe("completed");
    const lines = await allLines(api, job.id, 50);
    expect(lines.reduce((sum, { text }) => sum + text.length, 0)).toBe(10_000_000);
    expect(lines.filter(({ partial }) => partial)).toHaveLength(Math.floor(10_000_000 / 65_536));
  });

  promise("a result that is not JSON is a failure, and invalid UTF-8 in a log is readable", { needs }, async (api) => {
    const invalid = await api.finish({ script: { inline: "echo '{oops' > $JOB_RESULT_FILE" } });
    expect(invalid).toMatchObject({ state: "failed", error: { code: "result.invalid" } });
    const { id } = await api.finish({ script: { inline: "printf 'a\\377b\\n'" } });
    expect((await linesOf(api, id)).map(({ text }) => text)).toEqual(["a\uFFFDb"]);
  });

  promise("a link that leads out of a job's files is not one of them", { needs }, async (api) => {
    const { id } = await api.finish({ script: { inline: 'echo hi > "$JOB_OUTPUT_DIR/a.txt"; ln -s /etc/passwd "$JOB_OUTPUT_DIR/link"' } });
    expect((await api.all<{ path: string }>(`/v1/jobs/${id}/artifacts`)).map(({ path }) => path)).toEqual(["a.txt"]);
    expect(await api.refused("GET", `/v1/jobs/${id}/artifacts/link`)).toMatchObject({ status: 404, code: "artifact.not_found" });
  });

  promise("files are passed along an edge that says so", { needs }, async (api) => {
    const name = await applied(api, {
      steps: {
        make: { script: { inline: "echo content > $JOB_OUTPUT_DIR/data.txt" } },
        use: {
          after: [{ step: "make", pass: "artifacts" }],
          script: {
            inline:
              "import json, os\nprint(open(json.load(open(os.environ['JOB_INPUTS_FILE']))['make']['artifacts'][0]['file']).read(), end='')",
            interpreter: "python3",
          },
        },
      },
      final: "use",
    });
    const run = await over(api, await api.post<RunShown>(`/v1/workflows/${name}/runs`));
    expect(run).toMatchObject({ state: "completed", result: { stdout: "content\n" } });
  });
}
