// Whatever is sent: a clear answer that names the field and the limit, and nothing half-written. Never a 500.
import fc from "fast-check";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finish, openTestApi, TOKEN, type Shown, type TestApi } from "../support/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

interface ProblemShown {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: { readonly path: string; readonly message: string }[];
}

async function refused(job: unknown, path = "/v1/jobs"): Promise<ProblemShown> {
  const response = await api.request("POST", path, job);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return (await response.json()) as ProblemShown;
}

const cases: Record<string, readonly [job: unknown, status: number, code: string, path?: string]> = {
  "an unknown function": [{ function: "ecko" }, 422, "function.unknown", "function"],
  "params that the function's schema refuses": [
    { function: "flaky", params: { until: "two" } },
    422,
    "function.invalid_params",
    "params.until",
  ],
  "a param that the function does not know": [{ function: "echo", params: { valu: 1 } }, 422, "function.invalid_params", "params.valu"],
  "a missing script": [{ script: { path: "/nowhere/to/be/found.sh" } }, 422, "script.not_found"],
  "a missing interpreter": [{ script: { inline: "x", interpreter: "no-such-interpreter" } }, 422, "script.not_runnable"],
  "a container, which cannot run here": [{ container: { image: "busybox" } }, 422, "executor.unavailable", "executor"],
  "an executor that there is not": [{ function: "echo", executor: "lambda" }, 422, "executor.unavailable", "executor"],
  "an executor that runs other jobs": [{ function: "echo", executor: "process" }, 422, "executor.impossible", "executor"],
  "an unknown field": [{ function: "echo", prioritty: 1 }, 400, "request.invalid", "prioritty"],
  "a field that is not built": [{ function: "echo", rateLimit: { limit: 1, period: "1s" } }, 400, "request.invalid", "rateLimit"],
  "an unknown field further in": [{ function: "echo", retry: { maxAtempts: 1 } }, 400, "request.invalid", "retry.maxAtempts"],
  "a wrong type": [{ function: "echo", priority: "urgent" }, 400, "request.invalid", "priority"],
  "a bad duration": [{ function: "echo", timeout: "soon" }, 400, "request.invalid", "timeout"],
  "a bad time": [{ function: "echo", runAt: "tomorrow" }, 400, "request.invalid", "runAt"],
  "a bad id": [{ function: "echo", id: "../etc" }, 400, "request.invalid", "id"],
  "no work at all": [{}, 400, "request.invalid", "type"],
  "two kinds of work": [{ function: "echo", script: { inline: "x" } }, 400, "request.invalid", "script"],
  "a working directory that leads out": [{ script: { inline: "true" }, workingDir: "../.." }, 400, "request.invalid", "workingDir"],
  "an absolute working directory that was not allowed": [
    { script: { inline: "true" }, workingDir: "/etc" },
    400,
    "request.invalid",
    "workingDir",
  ],
  "an output file that leads out": [{ script: { inline: "true" }, outputFiles: ["../secret"] }, 400, "request.invalid", "outputFiles.0"],
  "a null byte in a script": [{ script: { inline: "echo \0" } }, 400, "request.invalid", "script.inline"],
  "a dependency that does not exist": [{ function: "echo", dependencies: ["nobody"] }, 422, "dependency.not_found", "dependencies"],
  "the same dependency twice": [{ function: "echo", dependencies: ["nobody", "nobody"] }, 400, "request.invalid", "dependencies.1"],
  "an index outside of a batch": [{ function: "echo", dependencies: [0] }, 400, "request.invalid", "dependencies.0"],
  "a secret that was not allowed": [{ function: "echo", env: { X: { secret: "env:HOME" } } }, 422, "secret.unknown", "env.X.secret"],
  "too many tags": [{ function: "echo", tags: Array.from({ length: 51 }, (_, index) => `t${index}`) }, 400, "request.invalid", "tags"],
  "a number that is no object": [17, 400, "request.invalid"],
  nothing: [undefined, 400, "request.invalid"],
  "a deadline that is over": [{ function: "echo", deadline: "2001-01-01T00:00:00Z" }, 400, "request.invalid", "deadline"],
};

describe("a job is refused for", () => {
  for (const [what, [job, status, code, path]] of Object.entries(cases)) {
    test(what, async () => {
      const before = await api.call<{ counts: object }>("GET", "/v1/stats");
      const problem = await refused(job);
      expect(problem).toMatchObject({ status, code });
      expect(problem.requestId).toMatch(/^req_/);
      if (path !== undefined) expect(problem.errors?.map((error) => error.path)).toContain(path);
      expect(await api.call("GET", "/v1/stats")).toEqual(before);
    });
  }

  test("a misspelt name, with the one that was meant", async () => {
    expect((await refused({ function: "ecko" })).detail).toContain("echo");
    expect((await refused({ function: "echo", priorty: 1 })).detail).toContain("priority");
  });

  test("a script that is not executable, until it is", async () => {
    const path = join(api.dir, "tool");
    writeFileSync(path, "\x7fELF");
    expect(await refused({ script: { path } })).toMatchObject({ status: 422, code: "script.not_runnable" });
    writeFileSync(path, "#!/bin/sh\necho ran\n");
    chmodSync(path, 0o755);
    expect(await finish(api, { script: { path } })).toMatchObject({ state: "completed", result: { stdout: "ran\n" } });
  });
});

describe("a body is refused that", () => {
  const send = (body: string, headers: Record<string, string> = {}) => api.request("POST", "/v1/jobs", body, headers);

  test("is larger than the limit, which is named", async () => {
    const response = await send(JSON.stringify({ function: "echo", params: { value: "x".repeat(6 * 1024 * 1024) } }));
    expect(response.status).toBe(413);
    expect(((await response.json()) as ProblemShown).detail).toContain("5 MB");
  });

  test("nests deeper than the limit", async () => {
    const response = await send(`{"function":"echo","params":{"value":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as ProblemShown).detail).toContain("64");
  });

  test("is not JSON, not UTF-8, of another type, or has a key that schemas would drop", async () => {
    expect((await send("{function: echo}")).status).toBe(400);
    expect((await send('{"function":"echo"}', { "content-type": "text/plain" })).status).toBe(415);
    expect((await send('{"function":"echo","params":{"__proto__":{"a":1}}}')).status).toBe(400);
  });

  test("is anything at all that is not a job", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (body) => {
        expect((await api.request("POST", "/v1/jobs", JSON.stringify(body))).status).toBe(400);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a request is refused", () => {
  const status = async (headers: Record<string, string>, path = "/v1/jobs") => (await api.request("GET", path, undefined, headers)).status;

  test("without the token, or with another one; health, docs and the document need none", async () => {
    expect(await status({ authorization: "" })).toBe(401);
    expect(await status({ authorization: "Bearer wrong" })).toBe(401);
    expect(await status({ authorization: `bearer ${TOKEN}` })).toBe(200);
    for (const path of ["/v1/health", "/docs", "/openapi.json"])
      expect(await status({ authorization: "Bearer wrong" }, path), path).toBe(200);
  });

  test("under a foreign name, or from a foreign page", async () => {
    expect(await status({ host: "evil.example" })).toBe(403);
    expect(await status({ origin: "https://evil.example" })).toBe(403);
    expect(await status({ origin: "http://localhost:7788" })).toBe(200);
  });

  test("for an address that there is not, or a method that it does not take", async () => {
    expect(await status({}, "/v1/nothing")).toBe(404);
    const response = await api.request("DELETE", "/v1/jobs/x");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
  });

  test("for a query that it does not know, or that is out of bounds", async () => {
    for (const query of [
      "stat=failed",
      "state=flying",
      "limit=0",
      "limit=201",
      "limit=x",
      "sort=size",
      "createdAfter=yesterday",
      "cursor=%00",
      "cursor=bm9wZQ",
    ]) {
      expect(await status({}, `/v1/jobs?${query}`), query).toBe(400);
    }
  });
});

describe("ids", () => {
  test("of one's own: the same body answers 200 with the job as it is, another body 409", async () => {
    const job = { id: "mine.1", function: "echo", params: { value: 1 } };
    await api.call("POST", "/v1/jobs", job, 201);
    await api.call("GET", "/v1/jobs/mine.1?wait=20s");
    expect(await api.call("POST", "/v1/jobs", job, 200)).toMatchObject({ id: "mine.1", state: "completed" });
    expect(await api.call("POST", "/v1/jobs", { ...job, params: { value: 2 } }, 409)).toMatchObject({ code: "job.id_taken" });
  });

  test("an Idempotency-Key gets the first answer again, and refuses another body", async () => {
    const send = async (value: number) => {
      const response = await api.request("POST", "/v1/jobs", { function: "echo", params: { value } }, { "idempotency-key": "once" });
      return [response.status, ((await response.json()) as Shown).id] as const;
    };
    const [, id] = await send(1);
    expect(await send(1)).toEqual([201, id]);
    expect((await send(2))[0]).toBe(409);
  });
});

describe("what attempts leave is stored safely:", () => {
  test("null bytes and odd characters in params and results", async () => {
    const value = "a\0b\u{1F600}\uFFFE";
    expect((await finish(api, { function: "echo", params: { value } })).result).toMatchObject({ value });
  });

  test("10 MB on one log line, in pieces", async () => {
    const job = await finish(api, { script: { inline: "head -c 10000000 /dev/zero | tr '\\0' x; echo" } });
    expect(job.state).toBe("completed");
    let [after, bytes, pieces]: [number, number, number] = [0, 0, 0];
    for (let more = true; more;) {
      const page = await api.call<{ items: { text: string; seq: number; partial?: boolean }[]; nextAfter?: number }>(
        "GET",
        `/v1/jobs/${job.id}/logs?after=${after}&limit=50`,
      );
      bytes += page.items.reduce((sum, { text }) => sum + text.length, 0);
      pieces += page.items.filter(({ partial }) => partial).length;
      after = page.nextAfter ?? after;
      more = page.nextAfter !== undefined;
    }
    expect([bytes, pieces]).toEqual([10_000_000, Math.floor(10_000_000 / 65_536)]);
  });

  test("a result that is not JSON is a failure, and invalid UTF-8 in a log is readable", async () => {
    expect(await finish(api, { script: { inline: "echo '{oops' > $JOB_RESULT_FILE" } })).toMatchObject({
      state: "failed",
      error: { code: "result.invalid" },
    });
    const job = await finish(api, { script: { inline: "printf 'a\\377b\\n'" } });
    const { items } = await api.call<{ items: { text: string }[] }>("GET", `/v1/jobs/${job.id}/logs`);
    expect(items[0]!.text).toBe("a\uFFFDb");
  });

  test("artifacts are read by their path and by no other", async () => {
    const job = await finish(api, {
      script: {
        inline:
          "mkdir -p $JOB_OUTPUT_DIR/a; echo hi > '$JOB_OUTPUT_DIR/a/b c.txt'; echo hi > \"$JOB_OUTPUT_DIR/a/b c.txt\"; ln -s /etc/passwd $JOB_OUTPUT_DIR/link",
      },
    });
    const { items } = await api.call<{ items: { path: string; url: string; size: number }[] }>("GET", `/v1/jobs/${job.id}/artifacts`);
    expect(items.map(({ path, size }) => [path, size])).toEqual([["a/b c.txt", 3]]);
    expect(await (await api.request("GET", items[0]!.url)).text()).toBe("hi\n");
    for (const path of ["..%2f..%2f..%2fswitchyard.db", "../token", "link", "%2e%2e/%2e%2e/token", "a%00", "a"]) {
      expect((await api.request("GET", `/v1/jobs/${job.id}/artifacts/${path}`)).status, path).toBe(404);
    }
  });
});
