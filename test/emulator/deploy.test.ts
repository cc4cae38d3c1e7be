import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../graph-harness/places.ts";
import { deployTo, type Stage } from "./deployed.ts";
import { withEmulator } from "./emulator.given.ts";

const job = (name: string, result: string) => `import { defineJob } from "switchyard";
import { z } from "zod";
export default defineJob({ name: "${name}", params: z.object({}), run: async () => ${JSON.stringify(result)} });
`;

withEmulator("npm run deploy:emulator", ({ clients, emulator }) => {
  const jobs = mkdtempSync(join(tmpdir(), "switchyard-jobs-"));
  let first: Stage;
  const deploy = () => deployTo(emulator().url, { stage: "test", jobs });
  const call = async ({ url, token }: Stage, method: string, path: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return (await response.json()) as Record<string, unknown>;
  };
  const lambdasOfJobs = async () => {
    const { Functions = [] } = await clients().lambda.send(new ListFunctionsCommand({}));
    return Functions.flatMap(({ FunctionName = "" }) => (FunctionName.includes("-job-") ? [FunctionName] : [])).toSorted();
  };

  beforeAll(async () => {
    cpSync(join(root, "jobs"), jobs, { recursive: true });
    writeFileSync(join(jobs, "one.ts"), job("one", "first"));
    first = await deploy();
  }, 120_000);
  afterAll(() => rmSync(jobs, { recursive: true }));

  test("answers with an API that knows its token and runs a function job to its end", async () => {
    expect(await call(first, "GET", "/v1/health")).toMatchObject({ status: "ok" });
    expect(await call({ ...first, token: "wrong" }, "GET", "/v1/jobs")).toMatchObject({ status: 401 });
    const done = await call(first, "POST", "/v1/jobs?wait=20s", { function: "one", params: {} });
    expect(done).toMatchObject({ state: "completed", result: "first" });
  });

  test("done again it changes nothing, and address and token stay", async () => {
    const again = await deploy();
    expect(again.said).toMatch(/^0 made, \d+ unchanged, 0 removed/m);
    expect([again.url, again.token]).toEqual([first.url, first.token]);
  });

  test("after a change it brings the new code, the new job, and takes away the one that is gone", async () => {
    writeFileSync(join(jobs, "one.ts"), job("one", "second"));
    writeFileSync(join(jobs, "two.ts"), job("two", "new"));
    rmSync(join(jobs, "hello.ts"));
    const changed = await deploy();
    expect(await lambdasOfJobs()).toContain("switchyard-test-job-two");
    expect(await lambdasOfJobs()).not.toContain("switchyard-test-job-hello");
    expect(await call(changed, "POST", "/v1/jobs?wait=20s", { function: "one", params: {} })).toMatchObject({ result: "second" });
    expect(await call(changed, "POST", "/v1/jobs?wait=20s", { function: "two", params: {} })).toMatchObject({ result: "new" });
    expect(await call(changed, "POST", "/v1/jobs", { function: "hello", params: {} })).toMatchObject({ code: "function.unknown" });
  });

  test("says what is wrong and ends with an error", async () => {
    writeFileSync(join(jobs, "broken.ts"), "export default 5;");
    await expect(deploy()).rejects.toThrow("broken.ts");
  });
});
