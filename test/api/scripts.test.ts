// Scripts that this very machine cannot or may not run are refused when they are submitted.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finish, openTestApi, type TestApi } from "../support/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

const refused = (job: object, status: number): Promise<Record<string, unknown>> => api.call("POST", "/v1/jobs", job, status);

const invalid = (path: string) => ({ code: "request.invalid", errors: [expect.objectContaining({ path })] });
const inline = { inline: "true" };
const refusals: Record<string, readonly [job: object, status: number, problem: object]> = {
  "is not there": [{ script: { path: "/nowhere/to/be/found.sh" } }, 422, { code: "script.not_found" }],
  "needs an interpreter that is not there": [
    { script: { inline: "x", interpreter: "no-such-interpreter" } },
    422,
    { code: "script.not_runnable" },
  ],
  "has a working directory that leads out": [{ script: inline, workingDir: "../.." }, 400, invalid("workingDir")],
  "has an absolute working directory that was not allowed": [{ script: inline, workingDir: "/etc" }, 400, invalid("workingDir")],
};

describe("a script is refused that", () => {
  test.each(Object.entries(refusals))("%s", async (_what, [job, status, problem]) => {
    expect(await refused(job, status)).toMatchObject(problem);
  });

  test("is not executable, until it is", async () => {
    const path = join(api.dir, "tool");
    writeFileSync(path, "\x7fELF");
    expect(await refused({ script: { path } }, 422)).toMatchObject({ code: "script.not_runnable" });
    writeFileSync(path, "#!/bin/sh\necho ran\n");
    chmodSync(path, 0o755);
    expect(await finish(api, { script: { path } })).toMatchObject({ state: "completed", result: { stdout: "ran\n" } });
  });
});
