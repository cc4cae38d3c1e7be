import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finish, openTestApi, type Shown, type TestApi } from "../support/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

interface Sent {
  readonly id?: string;
  readonly event?: string;
  readonly data: Record<string, unknown>;
}

/** Reads a stream until `isEnough`. */
async function read(path: string, isEnough: (sent: Sent[]) => boolean, headers: Record<string, string> = {}): Promise<Sent[]> {
  const response = await api.request("GET", path, undefined, headers);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const sent: Sent[] = [];
  let rest = "";
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  while (!isEnough(sent)) {
    const { value, done } = await reader.read();
    if (done) break;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      if (fields.data !== undefined) sent.push({ ...fields, data: JSON.parse(fields.data) as Record<string, unknown> });
    }
  }
  await reader.cancel();
  return sent;
}

const ended = (sent: Sent[]): boolean => sent.some(({ event }) => event === "end");

describe("logs", () => {
  test("are followed while they are written, and the end of the job ends the stream", async () => {
    const { id } = await api.call<Shown>("POST", "/v1/jobs", { script: { inline: "echo one; sleep 0.3; echo two >&2; exit 3" } });
    const sent = await read(`/v1/jobs/${id}/logs?follow=1`, ended);
    expect(sent.map(({ event, data }) => [event, data.text ?? data.state])).toEqual([[undefined, "one"], [undefined, "two"], ["end", "failed"]]); // prettier-ignore
    expect(sent[1]!.data.stream).toBe("stderr");
  });

  test("go on after the line that was seen last", async () => {
    const job = await finish(api, { script: { inline: "seq 1 5" } });
    const all = await read(`/v1/jobs/${job.id}/logs?follow=1`, ended);
    const rest = await read(`/v1/jobs/${job.id}/logs?follow=1`, ended, { "last-event-id": all[2]!.id! });
    expect(rest.map(({ data }) => data.text).slice(0, -1)).toEqual(["4", "5"]);
  });

  test("are paged without a gap, and the tail is the last lines", async () => {
    const job = await finish(api, { script: { inline: "seq 1 2500" } });
    const texts: string[] = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const page: { items: { text: string }[]; nextAfter?: number } = await api.call(
        "GET",
        `/v1/jobs/${job.id}/logs?after=${after}&limit=400`,
      );
      texts.push(...page.items.map(({ text }) => text));
      after = page.nextAfter;
    }
    expect(texts).toEqual(Array.from({ length: 2500 }, (_, index) => String(index + 1)));
    const tail = await api.call<{ items: { text: string }[] }>("GET", `/v1/jobs/${job.id}/logs?tail=2`);
    expect(tail.items.map(({ text }) => text)).toEqual(["2499", "2500"]);
  });
});

describe("events", () => {
  test("are followed as they happen, for one job and by type", async () => {
    const following = read("/v1/events?follow=1&types=job.completed", (sent) => sent.length >= 2);
    // The stream begins now: its first event must not be an older one.
    await api.call("GET", "/v1/events?limit=1");
    const first = await finish(api, { function: "echo" });
    const second = await finish(api, { function: "echo" });
    expect((await following).map(({ data }) => data.jobId)).toEqual([first.id, second.id]);
  });

  test("are read page by page from any event on, in order", async () => {
    const job = await finish(api, { function: "echo" });
    const history = await api.call<{ items: { id: string; seq: number; type: string }[] }>("GET", `/v1/events?job=${job.id}`);
    expect(history.items.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    const rest = await api.call<{ items: { id: string }[] }>("GET", `/v1/events?job=${job.id}&after=${history.items[0]!.id}`);
    expect(rest.items).toEqual(history.items.slice(1));
  });
});

test("the document describes every route, and each schema once", async () => {
  const document = await api.call<{ openapi: string; paths: Record<string, object>; components: { schemas: object } }>(
    "GET",
    "/openapi.json",
  );
  expect(document.openapi).toBe("3.1.0");
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      "/v1/jobs",
      "/v1/jobs/{id}/logs",
      "/v1/batches/{id}/cancel",
      "/v1/runs/{id}/graph",
      "/v1/functions",
      "/v1/limits",
    ]),
  );
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(["Job", "JobInput", "Problem", "Run", "Batch", "Event"]));
  expect((await api.request("GET", "/docs")).status).toBe(200);
});
